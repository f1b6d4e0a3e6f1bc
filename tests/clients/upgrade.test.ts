import assert from "node:assert/strict";
import { slowWebSockets } from "./slow-websocket.ts";
import { storiesOn } from "./story.ts";
import type { Tab } from "./tab.ts";
import type { Message } from "./wire.ts";

const story = storiesOn({ over: ["upgrade"], env: { REALTIME_RATE_EVENTS: "5000/5000", REALTIME_RATE_MESSAGES: "5000/5000" } });

/** How late each packet of the WebSocket is, in ever the next round. */
const DELAYS_MS = [0, 5, 20, 50, 80, 110, 150];

/** Sends one message after the other, without waiting for answers. */
function talk(tab: Tab, to: string, mark: string): () => Promise<Message[]> {
  const sent: Promise<Message>[] = [];
  const timer = setInterval(() => sent.push(tab.send(to, `${mark} ${sent.length}`)), 3);
  return async () => {
    clearInterval(timer);
    return Promise.all(sent);
  };
}

function bodies(messages: Message[]): string[] {
  return messages.map(({ body }) => body);
}

story("nothing_is_lost_doubled_or_reordered_while_the_transport_changes", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice", { transports: ["websocket"] });
  const bob = await scene.logIn(await scene.member(acme, "Bob"));
  await (await scene.open(bob, "dm")).send(alice.userId, "hello");
  await alice.next("message:new");
  let heardByPolling = 0;

  for (const delayMs of DELAYS_MS) {
    const from = alice.received.length;
    const line = await slowWebSockets(scene.stack.gateway(0).url, delayMs);
    const stopAlice = talk(alice, bob.userId, "to Bob");
    const atBob = await scene.open(bob, "dm", { url: line.url });
    const stopBob = talk(atBob, alice.userId, "to Alice");
    await atBob.until("the change to a WebSocket", () => atBob.socket.io.engine.transport.name === "websocket");
    const before = atBob.messages().length;
    heardByPolling += before;
    await atBob.until("messages after the change", () => atBob.messages().length >= before + 10);

    const [toBob, toAlice] = [await stopAlice(), await stopBob()];
    await atBob.next<Message>("message:new", ({ id }) => id === toBob.at(-1)?.id);
    const heard = bodies(atBob.messages());
    const start = bodies(toBob).indexOf(heard[0]!);
    assert.deepEqual(heard, bodies(toBob).slice(start), `${delayMs} ms: all from the first one on, each once, in order`);

    await alice.next<Message>("message:new", ({ id }) => id === toAlice.at(-1)?.id);
    assert.deepEqual(bodies(alice.messages(from)), bodies(toAlice), `${delayMs} ms: all that Bob said, each once, in order`);
    assert.deepEqual(atBob.disconnects, []);
    atBob.close();
    line.close();
  }
  assert.ok(heardByPolling > 50, `${heardByPolling} messages were heard before a change`);
});
