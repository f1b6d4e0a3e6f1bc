/** A thousand members of a busy tenant who never read what they are sent. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { withEmitter } from "../clients/node-server.ts";
import { Stack } from "../stack/stack.ts";
import { waitUntil } from "../stack/wait-until.ts";
import { logInMany } from "../storm/sessions.ts";
import { joinDeaf } from "./deaf.ts";
import { forgetPeak, ofAll, panics, peakMegabytes, residentMegabytes } from "./gauges.ts";
import { median, Neighbours, p99, type Window } from "./neighbours.ts";

const READERS = 1_000;
/** Room for a snapshot of the tenant. */
const QUEUE_BYTES = 131_072;
const PUSH_BYTES = 8_192;
/** Each fills a queue and what the kernel holds several times. */
const PUSHES = 60;
const PUSHES_A_SECOND = 1_000;
const UNLIMITED = "1000000/1000000";
/** A mailbox, as much again that was taken out of it to be written, and the frames that actix-ws holds. */
const TIMES_QUEUE_MAX = 3;
const CUT = 'realtime_connections_ended_total{reason="slow_consumer"}';

const stack = await Stack.start({
  env: {
    REALTIME_ACCEPT_RATE: UNLIMITED,
    REALTIME_RATE_MESSAGES: UNLIMITED,
    REALTIME_RATE_EVENTS: UNLIMITED,
    REALTIME_SEND_QUEUE_BYTES: `${QUEUE_BYTES}`,
    // Whoever does not read is cut for that, and not for the pong that is missing as well.
    REALTIME_PING_INTERVAL_MS: "600000",
    REALTIME_PING_TIMEOUT_MS: "3000",
  },
});
after(() => stack.stop());

/** What they cost at the peak, in queues; not known yet. */
let timesQueue = Number.NaN;

test("a_thousand_who_never_read_cost_their_queues_and_delay_nobody", { timeout: 240_000 }, async (context) => {
  const users = await logInMany(stack.redis, READERS, ["t_busy"]);
  const deaf = await joinDeaf(users.map(({ cookie }) => cookie), stack.gateways.map(({ url }) => url));
  const neighbours = await Neighbours.enter(stack, "t_busy");
  const resident = stack.gateways.map(residentMegabytes);
  for (const gateway of stack.gateways) forgetPeak(gateway);

  const [calm, attacked]: [Window[], Window[]] = [[], []];
  await withEmitter(stack.redis.url, async (emitter) => {
    const tenant = emitter.of("/tenant");
    const push = async () => {
      // Bytes of each one's own: what is shared among queues costs once.
      for (const [at, { id }] of users.entries()) {
        tenant.to(`user:${id}`).emit("note", randomBytes(PUSH_BYTES / 2).toString("hex"));
        if (at % 50 === 49) await pause((50 / PUSHES_A_SECOND) * 1_000);
      }
    };
    for (let round = 0; round < 12; round += 1) calm.push(await neighbours.window(1_000));
    for (let pushes = 0; pushes < PUSHES && (await ofAll(stack, CUT)) < READERS; pushes += 1) {
      const window = neighbours.window(1_000);
      await push();
      attacked.push(await window);
    }
  });
  await waitUntil("all to be cut", async () => (await ofAll(stack, CUT)) >= READERS);
  deaf.leave();

  const grown = stack.gateways.reduce((sum, gateway, at) => sum + peakMegabytes(gateway) - (resident[at] ?? 0), 0);
  const bound = (READERS * QUEUE_BYTES) / 1024 / 1024;
  const interval = median(calm.flat());
  const [before, during] = [calm, attacked].map((windows) => median(windows.map((one) => p99(one, interval)))) as [number, number];
  context.diagnostic(`${attacked.length} rounds; p99 ${before.toFixed(1)} → ${during.toFixed(1)} ms; memory + ${grown.toFixed(1)} MB of ${bound.toFixed(1)}`);
  assert.deepEqual(neighbours.newlyHarmed(), []);
  assert.deepEqual(await panics(stack), []);
  assert.ok(during <= 3 * before, `p99 of acks: ${before.toFixed(1)} → ${during.toFixed(1)} ms`);
  assert.ok(grown <= TIMES_QUEUE_MAX * bound, `memory: + ${grown.toFixed(1)} MB of ${TIMES_QUEUE_MAX} × ${bound.toFixed(1)}`);
  timesQueue = grown / bound;
  neighbours.leave();
});

test("a_thousand_who_never_read_cost_no_more_than_their_queues", { todo: "what was taken out of the mailbox to be written is not counted" }, () => {
  assert.ok(timesQueue <= 1, `they cost ${timesQueue.toFixed(1)} times their queues`);
});
