/** Gateways with settings of their own, beside a stack that was started without any. */
import { Gateway, type GatewayEnvironment, type Place } from "../stack/gateway.ts";
import { freePort } from "../stack/ports.ts";
import { SESSION_SECRET, type Stack } from "../stack/stack.ts";

/** What every one of them is told; short where nobody would wait as long as in production. */
export const SETTINGS: GatewayEnvironment = {
  REALTIME_SESSION_SECRET: SESSION_SECRET,
  REALTIME_DRAIN_SECS: "1",
  REALTIME_PRESENCE_GRACE_MS: "1000",
  REALTIME_PRESENCE_LEASE_MS: "4000",
  REALTIME_PRESENCE_HEARTBEAT_MS: "1000",
};

/** Where instances of a stack run, one each name, and with what settings. */
export async function placesIn(stack: Stack, names: string[], env: GatewayEnvironment): Promise<Place[]> {
  const ports = names.map(async (name) => ({ name, port: await freePort(), opsPort: await freePort() }));
  return (await Promise.all(ports)).map((place) => ({ ...place, logFolder: stack.logFolder, env: { ...SETTINGS, ...env } }));
}

export async function startGateways(stack: Stack, env: GatewayEnvironment): Promise<Gateway[]> {
  const gateways: Gateway[] = [];
  try {
    for (const place of await placesIn(stack, ["gateway-1", "gateway-2"], env)) gateways.push(await Gateway.start(place));
    return gateways;
  } catch (error) {
    await stopAll(gateways);
    throw error;
  }
}

export async function stopAll(gateways: Gateway[]): Promise<void> {
  for (const gateway of gateways) await gateway.stop();
}
