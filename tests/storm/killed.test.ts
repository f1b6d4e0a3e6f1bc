/** How long users of a killed gateway seem to be there. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Scene } from "../clients/scene.ts";
import { Stack } from "../stack/stack.ts";

const KILLS = 20;
/** A tenth of what users have: it is the bound of lease and two seconds that is looked at, and not the lease. */
const LEASE_MS = 3_000;
const NOTICED_MS = 2_000;

const stack = await Stack.start({ env: { REALTIME_PRESENCE_LEASE_MS: `${LEASE_MS}`, REALTIME_PRESENCE_HEARTBEAT_MS: `${LEASE_MS / 3}` } });
after(() => stack.stop());

test("users_of_a_killed_gateway_are_offline_within_the_lease_and_two_seconds", { timeout: 400_000 }, async (context) => {
  const scene = new Scene(stack, "websocket");
  const acme = await scene.tenant();
  const [doomed, survivor] = [stack.gateway(0), stack.gateway(1)];
  const witness = await scene.memberAt(acme, "dashboard", "Witness", { url: survivor.url });
  const took: number[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    const victim = await scene.memberAt(acme, "dm", `Victim ${kill}`, { url: doomed.url, reconnection: false });
    await witness.untilOnline(victim.userId);
    const killedAt = Date.now();
    await doomed.kill("SIGKILL");
    await witness.untilOffline(victim.userId);
    took.push(Date.now() - killedAt);
    await doomed.restart();
  }
  scene.close();
  took.sort((a, b) => a - b);
  context.diagnostic(`offline after min ${took[0]}, median ${took[KILLS / 2]}, max ${took.at(-1)} ms; the lease is ${LEASE_MS} ms`);
  assert.ok((took.at(-1) ?? 0) < LEASE_MS + NOTICED_MS);
});
