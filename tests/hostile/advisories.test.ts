/** What brought other servers down, against two gateways in use. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Stack } from "../stack/stack.ts";
import { logInMany } from "../storm/sessions.ts";
import { Attacker } from "./attacker.ts";
import { ATTACKS, type Target } from "./attacks.ts";
import { Neighbours } from "./neighbours.ts";
import { underAttack } from "./under-attack.ts";

/** Two hundred connections with a payload of the greatest size each, and as much again for what allocators keep. */
const GROWTH_MEGABYTES = 32;
const ATTACKERS = 50;
const UNLIMITED = "1000000/1000000";

let stack: Stack;
let neighbours: Neighbours;
let targets: Target[];
const attacker = Attacker.start();

before(async () => {
  stack = await Stack.start({
    env: {
      REALTIME_ACCEPT_RATE: UNLIMITED,
      // The neighbours write thirty times what a user may: a machine that stands still for a second must not cut them.
      REALTIME_SEND_QUEUE: "4096",
      REALTIME_RATE_MESSAGES: UNLIMITED,
      REALTIME_RATE_EVENTS: UNLIMITED,
      REALTIME_MAX_SOCKETS_PER_USER: "1000",
      REALTIME_CONNECT_TIMEOUT_MS: "2000",
      REALTIME_PING_INTERVAL_MS: "1000",
      REALTIME_PING_TIMEOUT_MS: "2000",
    },
  });
  neighbours = await Neighbours.enter(stack, "t_busy");
  const attackers = await logInMany(stack.redis, ATTACKERS, ["t_hostile"]);
  targets = attackers.map(({ cookie }, at) => ({ origin: stack.gateway(at % stack.gateways.length).url, cookie }));
});

after(async () => {
  attacker.stop();
  neighbours.leave();
  await stack.stop();
});

for (const [name, { outcome }] of Object.entries(ATTACKS)) {
  test(name, { timeout: 120_000 }, async (context) => {
    const assault = {
      begin: () => attacker.begin(name, targets),
      pause: () => attacker.pause(),
      finish: async () => {
        const tally = await attacker.finish();
        context.diagnostic(JSON.stringify(tally));
        assert.deepEqual(Object.keys(tally), [outcome]);
      },
    };
    await underAttack(context, stack, neighbours, assault, { growthMegabytes: GROWTH_MEGABYTES });
  });
}
