import assert from "node:assert/strict";
import { waitUntil } from "../stack/wait-until.ts";
import { ask, handshake } from "./raw-polling.ts";
import { storiesOn } from "./story.ts";
import type { Tab } from "./tab.ts";
import { clientOptions } from "./transport.ts";

const DRAIN_MS = 4_000;
const story = storiesOn({ alone: true, env: { REALTIME_DRAIN_SECS: String(DRAIN_MS / 1_000) } });

type Readiness = { ready: boolean; draining: boolean };

story("a_drain_refuses_newcomers_and_sends_its_sockets_away_over_time", async (scene) => {
  const acme = await scene.tenant();
  const leaving = scene.stack.gateway(0);
  const witness = await scene.memberAt(acme, "dashboard", "Witness", { url: scene.stack.gateway(1).url });
  const stays = { url: leaving.url, reconnection: false };
  const tabs: Tab[] = [];
  for (let n = 0; n < 12; n += 1) {
    tabs.push(await scene.memberAt(acme, "dm", `Guest ${n}`, { ...clientOptions(n % 2 ? "polling" : "websocket"), ...stays }));
  }
  for (const tab of tabs) await witness.untilOnline(tab.userId);
  const before = witness.received.length;
  const lostAt = tabs.map((tab) => new Promise<number>((resolve) => tab.socket.once("disconnect", () => resolve(Date.now()))));

  const begunAt = Date.now();
  const ended = leaving.kill("SIGTERM");
  const readiness = await waitUntil("not being ready", async () => {
    const response = await fetch(`${leaving.opsUrl}/readyz`);
    return response.status === 503 && ((await response.json()) as Readiness);
  });
  assert.equal(readiness.draining, true);
  const refused = await fetch(`${leaving.url}/realtime/?EIO=4&transport=polling`);
  assert.equal(refused.status, 503);
  assert.ok(Number(refused.headers.get("retry-after")) > 0, "it is told when to come again");
  // The listener stays open to the end: a client that polls is served as before.
  const last = tabs.find((tab) => tab.disconnects.length === 0 && tab.socket.io.engine.transport.name === "polling");
  assert.ok(last && (await last.isAlive()), "who has not been sent away yet is served");

  for (const tab of tabs) {
    const { reconnectInMs } = await tab.next<{ reconnectInMs: number }>("server:draining");
    assert.ok(reconnectInMs >= 0 && reconnectInMs <= DRAIN_MS, `sent away in ${reconnectInMs} ms`);
  }
  const times = (await Promise.all(lostAt)).sort((one, other) => one - other);
  assert.ok(times.at(-1)! - times[0]! > DRAIN_MS / 3, "they are not sent away at once");
  for (const tab of tabs) assert.ok(["transport close", "transport error"].includes(tab.disconnects[0]!), tab.disconnects[0]);

  assert.deepEqual(await ended, { code: 0, signal: null });
  const tookMs = Date.now() - begunAt;
  assert.ok(tookMs < DRAIN_MS + 5_000, `ended after ${tookMs} ms`);
  // Nobody is missed: they have the longest grace to come back.
  for (const tab of tabs) assert.deepEqual(witness.announcements(tab.userId, before), []);
  assert.deepEqual(witness.payloads("sync:required", before), [], "an instance that leaves of itself is not reaped");
  await leaving.restart();
});

story("a_second_signal_ends_a_drain_at_once", async (scene) => {
  const acme = await scene.tenant();
  const leaving = scene.stack.gateway(0);
  const tabs: Tab[] = [];
  for (let n = 0; n < 6; n += 1) tabs.push(await scene.memberAt(acme, "dm", `Guest ${n}`, { url: leaving.url, reconnection: false }));
  const ended = leaving.kill("SIGTERM");
  for (const tab of tabs) await tab.next("server:draining");
  const hurriedAt = Date.now();
  await leaving.kill("SIGINT");
  const tookMs = Date.now() - hurriedAt;
  assert.ok(tookMs < 1_500, `ended ${tookMs} ms after the second signal`);
  assert.deepEqual(await ended, { code: 0, signal: null });
  await leaving.restart();
});

story("a_gateway_without_sockets_ends_its_drain_at_once", async (scene) => {
  const leaving = scene.stack.gateway(0);
  const begunAt = Date.now();
  assert.deepEqual(await leaving.kill("SIGTERM"), { code: 0, signal: null });
  assert.ok(Date.now() - begunAt < 2_500, `ended after ${Date.now() - begunAt} ms`);
  await leaving.restart();
});

story("a_poll_that_a_leaving_gateway_passes_on_ends_in_good_order", async (scene) => {
  const acme = await scene.tenant();
  const [leaving, owner] = [scene.stack.gateway(0), scene.stack.gateway(1)];
  const { cookie } = await scene.logIn(await scene.member(acme));
  const sid = await handshake(owner.url, { cookie });
  const at = (origin: string) => `${origin}/realtime/?EIO=4&transport=polling&sid=${sid}`;
  await ask(at(owner.url), { method: "POST", body: '40/tenant,{"portal":"dm"}' });
  let greeting = "";
  while (!greeting.includes("presence:snapshot")) greeting += (await ask(at(owner.url))).text;

  const held = ask(at(leaving.url));
  // Whatever is posted after it has reached the owner after it.
  await ask(at(leaving.url), { method: "POST", body: "3" });
  // A client cannot end a poll so: that is for peers.
  for (const origin of [leaving.url, owner.url]) assert.equal((await ask(at(origin), { method: "DELETE" })).status, 500);
  const ended = leaving.kill("SIGTERM");
  const { status, text, headers } = await held;
  assert.deepEqual([status, text, headers.connection], [200, "6", "close"], "a noop, and no more over this link");
  assert.deepEqual(await ended, { code: 0, signal: null });
  await ask(at(owner.url), { method: "POST", body: '42/tenant,1["presence:list",{}]' });
  assert.match((await ask(at(owner.url))).text, /^43\/tenant,1\[\{"ok":true/, "the connection lives on");
  await leaving.restart();
});

story("a_connection_that_never_joined_does_not_hold_a_drain_up", async (scene) => {
  const leaving = scene.stack.gateway(0);
  await handshake(leaving.url);
  const begunAt = Date.now();
  assert.deepEqual(await leaving.kill("SIGTERM"), { code: 0, signal: null });
  assert.ok(Date.now() - begunAt < DRAIN_MS + 5_000, `ended after ${Date.now() - begunAt} ms`);
  await leaving.restart();
});

for (const store of ["redis", "postgres"] as const) {
  story(`a_drain_ends_in_time_while_${store}_hangs`, async (scene) => {
    const acme = await scene.tenant();
    const leaving = scene.stack.gateway(0);
    const stays = { url: leaving.url, reconnection: false };
    const [alice, bob] = [await scene.memberAt(acme, "dm", "Alice", stays), await scene.memberAt(acme, "dm", "Bob", stays)];
    scene.stack[store].freeze();
    try {
      const sent = alice.send(bob.userId, "Anybody there?").catch(() => undefined);
      const begunAt = Date.now();
      assert.deepEqual(await leaving.kill("SIGTERM"), { code: 0, signal: null });
      assert.ok(Date.now() - begunAt < DRAIN_MS + 5_000, `ended after ${Date.now() - begunAt} ms`);
      await Promise.race([sent, alice.until("the end", () => alice.disconnects.length > 0)]);
    } finally {
      scene.stack[store].thaw();
    }
    await leaving.restart();
  });
}
