import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { storiesOn } from "./story.ts";
import type { Tab } from "./tab.ts";
import { clientOptions } from "./transport.ts";
import type { Message } from "./wire.ts";

const CLIENTS = 40;
/** Three minutes for those who want to be sure: ROUND_ROBIN_SECS=180. */
const SECONDS = Number(process.env.ROUND_ROBIN_SECS ?? 20);

const story = storiesOn({
  notesRequests: true,
  env: { REALTIME_PING_INTERVAL_MS: "3000", REALTIME_PING_TIMEOUT_MS: "5000" },
});

/** Two who write to each other, one message after the other, until the time is over. */
async function converse(pair: [Tab, Tab], until: number): Promise<number> {
  let said = 0;
  for (; Date.now() < until; said += 1) {
    const [from, to] = said % 2 === 0 ? pair : ([pair[1], pair[0]] as const);
    const sent = await from.send(to.userId, `${said}`);
    assert.deepEqual(await to.next<Message>("message:new", ({ id }) => id === sent.id), sent);
    await pause(200);
  }
  return said;
}

story(
  "behind_a_round_robin_balancer_no_request_fails_and_no_link_is_lost",
  async (scene) => {
    const acme = await scene.tenant();
    const tabs = await Promise.all(
      Array.from({ length: CLIENTS }, (_, n) => scene.memberAt(acme, "dm", `User ${n}`, clientOptions(n % 2 ? "polling" : "upgrade"))),
    );
    const until = Date.now() + SECONDS * 1_000;
    const pairs = Array.from({ length: CLIENTS / 2 }, (_, n): [Tab, Tab] => [tabs[n]!, tabs[n + CLIENTS / 2]!]);
    const said = await Promise.all(pairs.map((pair) => converse(pair, until)));

    for (const tab of tabs) assert.deepEqual(tab.disconnects, []);
    assert.deepEqual(
      pairs.map(([one, other]) => one.messages().length + other.messages().length),
      said,
      "each message was delivered once",
    );
    const requests = scene.stack.requests().filter(({ path }) => path.startsWith("/realtime"));
    const failed = requests.filter(({ status, isUpgrade }) => !isUpgrade && status !== 200);
    assert.deepEqual(failed, []);
    const polled = requests.filter(({ isUpgrade }) => !isUpgrade).length;
    assert.ok(polled > CLIENTS * SECONDS, `${polled} requests were answered`);
    // An upgrade that reaches the wrong instance is refused, and its client polls on. Those that live are noted at their end.
    const refused = requests.filter(({ isUpgrade }) => isUpgrade);
    assert.ok(refused.every(({ status }) => status === 400));
    const upgraded = tabs.filter(({ socket }) => socket.io.engine.transport.name === "websocket").length;
    assert.equal(upgraded + refused.length, CLIENTS / 2);
  },
  { withinMs: SECONDS * 1_000 + 60_000 },
);
