/** Gateways with settings of their own, beside a stack that was started without any. */
import { Gateway, type GatewayEnvironment } from "../stack/gateway.ts";
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

export async function startGateways(stack: Stack, env: GatewayEnvironment, count = 2): Promise<Gateway[]> {
  const gateways: Gateway[] = [];
  try {
    for (let n = 1; n <= count; n += 1) {
      const place = { name: `gateway-${n}`, logFolder: stack.logFolder, port: await freePort(), opsPort: await freePort() };
      gateways.push(await Gateway.start({ ...place, env: { ...SETTINGS, ...env } }));
    }
    return gateways;
  } catch (error) {
    await stopAll(gateways);
    throw error;
  }
}

export async function stopAll(gateways: Gateway[]): Promise<void> {
  for (const gateway of gateways) await gateway.stop();
}
