/** A whole tenant comes at once, as after a deploy or at nine o'clock. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Stack } from "../stack/stack.ts";
import { waitUntil } from "../stack/wait-until.ts";
import { enter, type Visitor } from "./crowd.ts";
import { logInMany } from "./sessions.ts";

const USERS = 2_000;
const WITHIN_MS = 3_000;
const BOUND = 500;
/** What a snapshot holds beyond the bound. */
const FIRST = 100;
/** An entry in a list: two ids, a name, portals, a time. */
const ENTRY_BYTES = 260;
const FRAMES_A_SECOND = 5;

const stack = await Stack.start({ env: { REALTIME_ACCEPT_RATE: "10000/10000" } });
after(() => stack.stop());

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

/** Most frames of any second. */
function peak({ presenceAt }: Visitor): number {
  return Math.max(...presenceAt.map((at, index) => presenceAt.slice(index).filter((other) => other < at + 1_000).length));
}

for (const gateways of [1, 2]) {
  test(`two_thousand_users_of_one_tenant_join_through_${gateways}_gateways`, { timeout: 180_000 }, async (context) => {
    const users = await logInMany(stack.redis, USERS, [`t_storm${gateways}`]);
    const startedAt = Date.now();
    const visitors = await enter(users, stack.gateways.slice(0, gateways).map(({ url }) => url), WITHIN_MS);
    const joinedMs = Date.now() - startedAt;
    await waitUntil("everybody to know how many are there", async () => visitors.every(({ online }) => online === USERS));
    const consistentMs = Date.now() - startedAt;

    const seconds = Math.ceil(consistentMs / 1_000);
    const frames = visitors.map(({ presenceAt }) => presenceAt.length);
    const bytes = visitors.map((visitor) => visitor.bytes);
    const total = bytes.reduce((sum, one) => sum + one, 0);
    const bound = USERS * (BOUND + FIRST) * ENTRY_BYTES;
    context.diagnostic(`all joined after ${joinedMs} ms, all knew of all after ${consistentMs} ms`);
    context.diagnostic(`presence frames a client: median ${median(frames)}, most ${Math.max(...frames)}; most in one second ${Math.max(...visitors.map(peak))}`);
    context.diagnostic(`bytes a client: median ${median(bytes)}, most ${Math.max(...bytes)}; in all ${total}, bound ${bound}`);
    assert.ok(Math.max(...frames) <= FRAMES_A_SECOND * seconds, "frames a second");
    // One more: frames may reach this busy process later than they were sent.
    assert.ok(Math.max(...visitors.map(peak)) <= FRAMES_A_SECOND + 1, "frames in any second");
    assert.ok(total <= bound, "bytes");
    assert.deepEqual(visitors.filter(({ ending }) => ending !== undefined), []);
    for (const visitor of visitors) visitor.close();
  });
}
