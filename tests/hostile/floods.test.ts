/** Floods of handshakes beyond what a gateway takes: the rest is told to come later, and whoever is in notices nothing. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Writer } from "../measure/writer.ts";
import { Stack } from "../stack/stack.ts";
import { waitUntil } from "../stack/wait-until.ts";
import { logInMany } from "../storm/sessions.ts";
import { Attacker } from "./attacker.ts";
import type { Target } from "./attacks.ts";
import { FLOODS } from "./floods.ts";
import { ofAll } from "./gauges.ts";
import { Neighbours } from "./neighbours.ts";
import { underAttack } from "./under-attack.ts";

const RATE = 20;
/** Room for the neighbours to come in. */
const BURST = 100;
const UNLIMITED = "1000000/1000000";
/** Connections that came through and wait for their CONNECT. */
const GROWTH_MEGABYTES = 32;

let stack: Stack;
let neighbours: Neighbours;
let targets: Target[];
const attacker = Attacker.start();

before(async () => {
  stack = await Stack.start({
    env: {
      REALTIME_ACCEPT_RATE: `${RATE}/${BURST}`,
      REALTIME_RATE_MESSAGES: UNLIMITED,
      REALTIME_RATE_EVENTS: UNLIMITED,
      REALTIME_CONNECT_TIMEOUT_MS: "2000",
      // As in the tests of advisories: the neighbours write thirty times what a user may.
      REALTIME_SEND_QUEUE: "4096",
    },
  });
  neighbours = await Neighbours.enter(stack, "t_busy");
  const attackers = await logInMany(stack.redis, 20, ["t_hostile"]);
  targets = attackers.map(({ cookie }, at) => ({ origin: stack.gateway(at % stack.gateways.length).url, cookie }));
});

after(async () => {
  attacker.stop();
  neighbours.leave();
  await stack.stop();
});

for (const [name, { outcome, refusal }] of Object.entries(FLOODS)) {
  test(`a_flood_of_${name.replaceAll(" ", "_")}_is_told_to_come_later`, { timeout: 120_000 }, async (context) => {
    const before = await ofAll(stack, "realtime_connections");
    let from = Date.now();
    const assault = {
      begin: () => attacker.begin(name, targets),
      pause: () => attacker.pause(),
      finish: async () => {
        const tally = await attacker.finish();
        const seconds = (Date.now() - from) / 1_000;
        from = Date.now();
        context.diagnostic(`${JSON.stringify(tally)} in ${seconds.toFixed(1)} s`);
        assert.deepEqual(Object.keys(tally).sort(), [outcome, refusal].sort());
        assert.ok((tally[outcome] ?? 0) <= stack.gateways.length * (BURST + RATE * seconds), "no more than the rate came in");
      },
    };
    await underAttack(context, stack, neighbours, assault, { growthMegabytes: GROWTH_MEGABYTES });

    const [user] = await logInMany(stack.redis, 1, ["t_busy"]);
    const late = await waitUntil("somebody who means it to come in", async () => Writer.join(user!, stack.gateway(0).url), 10_000);
    late.close();
    await waitUntil("what came in to be given back", async () => (await ofAll(stack, "realtime_connections")) <= before);
  });
}
