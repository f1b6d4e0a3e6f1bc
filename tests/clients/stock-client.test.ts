import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { waitUntil } from "../stack/wait-until.ts";
import { proxyWithoutWebSocket } from "./no-websocket.ts";
import { storiesOn } from "./story.ts";
import type { Tab } from "./tab.ts";
import type { Ack, Message } from "./wire.ts";

const env = { REALTIME_PING_INTERVAL_MS: "300", REALTIME_PING_TIMEOUT_MS: "2000", REALTIME_DRAIN_SECS: "0" };
const overAll = storiesOn({ over: ["websocket", "polling", "upgrade"], env });
const story = storiesOn({ env });

function transportOf(tab: Tab): string {
  return tab.socket.io.engine.transport.name;
}

overAll("a_client_stays_through_many_heartbeats_on_the_transport_that_it_wants", async (scene) => {
  const bob = await scene.memberAt(await scene.tenant(), "dm", "Bob");
  let beats = 0;
  bob.socket.io.on("ping", () => (beats += 1));
  await waitUntil("five heartbeats", async () => beats >= 5);
  assert.equal(transportOf(bob), scene.transport === "polling" ? "polling" : "websocket");
  assert.deepEqual(bob.disconnects, []);
  assert.ok(await bob.isAlive());
});

overAll("the_mount_point_may_end_in_a_slash_or_not", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice", { addTrailingSlash: true });
  const bob = await scene.memberAt(acme, "dm", "Bob", { addTrailingSlash: false });
  await alice.untilOnline(bob.userId);
  const sent = await bob.send(alice.userId, "no slash here");
  assert.deepEqual(await alice.next<Message>("message:new"), sent);
});

overAll("a_drain_is_told_and_the_client_comes_back_by_itself", async (scene) => {
  const gateway = scene.stack.gateway(0);
  const bob = await scene.memberAt(await scene.tenant(), "dm", "Bob", { url: gateway.url });
  const { code } = await gateway.kill("SIGTERM");
  assert.equal(code, 0);
  await bob.until("the loss of the link", () => bob.disconnects.length > 0);
  assert.deepEqual(bob.payloads("server:draining"), [{ reconnectInMs: 0 }]);
  assert.deepEqual(bob.disconnects, ["transport close"]);
  await gateway.restart();
  await bob.until("the return", () => bob.payloads("session:ready").length === 2);
});

overAll("retries_of_the_client_store_once_and_are_answered", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice", { retries: 5, ackTimeout: 2_000 });
  const bob = await scene.memberAt(acme, "dm", "Bob");
  const bodies = Array.from({ length: 12 }, (_, n) => `${n}`);
  const answers = bodies.map(async (body, n) => {
    const answer = alice.socket.emitWithAck("message:send", { to: bob.userId, body, clientMessageId: body });
    // Nobody waits for an answer to this one, and the client's queue stands still until there is one.
    alice.socket.emit("no:such", {});
    // Twice the link is lost while something is under way.
    if (n === 2 || n === 8) void answer.then(() => alice.socket.io.engine.close());
    return ((await answer) as Ack<Message>).ok;
  });
  assert.deepEqual(await Promise.all(answers), bodies.map(() => true));
  await bob.next<Message>("message:new", ({ body }) => body === bodies.at(-1));
  assert.deepEqual(bob.messages().map(({ body }) => body), bodies);
  assert.equal(alice.disconnects.length, 2);
});

story("a_client_that_tries_all_transports_falls_back_to_polling_where_websockets_are_refused", async (scene) => {
  const acme = await scene.tenant();
  const proxy = await proxyWithoutWebSocket(scene.stack.gateway(0).url);
  try {
    const options = { url: proxy.url, transports: ["websocket", "polling"], tryAllTransports: true };
    const bob = await scene.memberAt(acme, "dm", "Bob", options);
    const alice = await scene.memberAt(acme, "dashboard", "Alice");
    assert.equal(transportOf(bob), "polling");
    const sent = await bob.send(alice.userId, "through the proxy");
    assert.deepEqual(await alice.next<Message>("message:new"), sent);
    const answer = await alice.send(bob.userId, "and back");
    assert.deepEqual(await bob.next<Message>("message:new"), answer);
    assert.equal(proxy.refusedUpgrades, 1);
    bob.close();
  } finally {
    proxy.close();
  }
});

story("a_default_client_stays_on_polling_where_websockets_are_refused", async (scene) => {
  const proxy = await proxyWithoutWebSocket(scene.stack.gateway(0).url);
  try {
    const bob = await scene.memberAt(await scene.tenant(), "dm", "Bob", { url: proxy.url, transports: ["polling", "websocket"] });
    await waitUntil("the refusal of the upgrade", async () => proxy.refusedUpgrades === 1);
    assert.ok(await bob.isAlive());
    assert.equal(transportOf(bob), "polling");
    bob.close();
  } finally {
    proxy.close();
  }
});

overAll("whom_the_api_disconnects_stays_away", async (scene) => {
  const acme = await scene.tenant();
  const bob = await scene.memberAt(acme, "dm", "Bob");
  const request = JSON.stringify({ type: 4, opts: { rooms: [`user:${bob.userId}`], except: [] }, close: true });
  await promisify(execFile)("redis-cli", ["-u", scene.stack.redis.url, "publish", "socket.io-request#/tenant#", request]);
  await bob.until("the end of the socket", () => bob.disconnects.length > 0);
  assert.deepEqual(bob.disconnects, ["io server disconnect"]);
  assert.equal(bob.socket.active, false);
});

overAll("a_client_that_says_more_than_it_may_is_cut_and_comes_back", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice");
  const bob = await scene.memberAt(acme, "dm", "Bob");
  alice.socket.emit("message:send", { to: bob.userId, body: "x".repeat(70_000), clientMessageId: "too large" });
  await alice.until("the return", () => alice.payloads("session:ready").length === 2);
  assert.equal(alice.disconnects.length, 1);
  assert.equal((await alice.send(bob.userId, "shorter")).seq, 1);
});
