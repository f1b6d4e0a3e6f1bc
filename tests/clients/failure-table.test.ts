/** The tables of failures in the architecture, line by line: what users and operators see when a gateway or Redis goes. */
import assert from "node:assert/strict";
import type { Gateway } from "../stack/gateway.ts";
import { waitUntil } from "../stack/wait-until.ts";
import type { Scene } from "./scene.ts";
import { StoredSession } from "./stored-session.ts";
import { storiesOn } from "./story.ts";
import type { Message, Sync } from "./wire.ts";

const story = storiesOn({ alone: true, gateways: 3 });

/** Sessions that a restarted Redis has lost are given so long to come back. */
const HOLD_MS = 30_000;

const BEATS = 'realtime_presence_heartbeats_total{outcome="ok"}';

type Readiness = { status: number; redis: boolean; postgres: boolean; live: number };

async function readiness({ opsUrl }: Gateway): Promise<Readiness> {
  const response = await fetch(`${opsUrl}/readyz`);
  const { redis, postgres } = (await response.json()) as { redis: boolean; postgres: boolean };
  return { status: response.status, redis, postgres, live: (await fetch(`${opsUrl}/livez`)).status };
}

async function allAre(scene: Scene, expected: Partial<Readiness>): Promise<boolean> {
  const found = await Promise.all(scene.stack.gateways.map(readiness));
  return found.every((one) => Object.entries(expected).every(([field, value]) => one[field as keyof Readiness] === value));
}

async function series({ opsUrl }: Gateway, name: string): Promise<number> {
  const page = await (await fetch(`${opsUrl}/metrics`)).text();
  return Number(page.split("\n").find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? 0);
}

type Look = (survivor: Gateway) => Promise<number>;
type Judge = (grown: number[], lost: number) => void;

/** Kills the first gateway; judges by how much has grown at each survivor, the least first, once everybody knows. */
async function killOne(scene: Scene, look: Look, judge: Judge): Promise<void> {
  const acme = await scene.tenant();
  const [doomed, ...survivors] = scene.stack.gateways;
  assert.ok(doomed && survivors.length === 2);
  const witnesses = [];
  for (const { url } of survivors) witnesses.push(await scene.memberAt(acme, "dashboard", "Witness", { url }));
  const lost = [];
  for (let n = 0; n < 3; n += 1) lost.push(await scene.memberAt(acme, "dm", `Lost ${n}`, { url: doomed.url, reconnection: false }));
  for (const witness of witnesses) for (const { userId } of lost) await witness.untilOnline(userId);
  const from = witnesses.map(({ received }) => received.length);
  const before = await Promise.all(survivors.map(look));
  await doomed.kill("SIGKILL");
  try {
    for (const [at, witness] of witnesses.entries()) {
      for (const { userId } of lost) await witness.untilOffline(userId);
      await witness.next("sync:required", () => true, from[at]);
    }
    // More beats of each: whoever would reap it a second time has had the turn.
    for (const survivor of survivors) {
      const beats = await series(survivor, BEATS);
      await waitUntil("two more heartbeats", async () => (await series(survivor, BEATS)) >= beats + 2);
    }
    for (const [at, witness] of witnesses.entries()) {
      for (const { userId } of lost) assert.deepEqual(witness.announcements(userId, from[at]), ["offline"]);
    }
    const after = await Promise.all(survivors.map(look));
    judge(after.map((count, at) => count - before[at]!).sort((one, other) => one - other), lost.length);
  } finally {
    await doomed.restart();
  }
}

story("a_killed_gateway_is_reaped_by_exactly_one_survivor", (scene) =>
  killOne(scene, (survivor) => series(survivor, "realtime_presence_reaped_users_total"), (grown, lost) => assert.deepEqual(grown, [0, lost])),
);

story("each_survivor_that_followed_its_tenants_tells_of_the_loss_once", (scene) =>
  killOne(scene, (survivor) => series(survivor, 'realtime_instances_lost_total{which="peer"}'), (grown) => assert.deepEqual(grown, [1, 1])),
);

story("while_redis_is_down_messages_are_acked_wait_and_come_by_sync", async (scene) => {
  const acme = await scene.tenant();
  const [first, second] = scene.stack.gateways.map(({ url }) => url);
  const alice = await scene.memberAt(acme, "dashboard", "Alice", { url: first });
  const bob = await scene.memberAt(acme, "dm", "Bob", { url: second });
  await alice.send(bob.userId, "before");
  await bob.next<Message>("message:new", ({ body }) => body === "before");
  const { redis } = scene.stack;

  await redis.kill({ keeps: true });
  await waitUntil("readiness to fall and to name Redis", async () => allAre(scene, { status: 503, redis: false, postgres: true }));
  assert.ok(await allAre(scene, { live: 200 }), "nobody restarts a gateway for that");
  const acked = [await alice.send(bob.userId, "one"), await alice.send(bob.userId, "two")];
  assert.deepEqual(acked.map(({ seq }) => seq), [2, 3]);
  // His gateway answers him, and has nothing for him.
  const { messages } = await bob.ask<Sync>("sync", { since: { [acked[0]!.conversationId]: 1 } });
  assert.deepEqual(messages.map(({ body }) => body), ["one", "two"], "what is stored can be fetched meanwhile");
  assert.deepEqual(bob.messages().map(({ body }) => body), ["before"], "live delivery pauses");

  const from = [alice, bob].map(({ received }) => received.length);
  await redis.start();
  await waitUntil("readiness", async () => allAre(scene, { status: 200, redis: true }));
  for (const [at, tab] of [alice, bob].entries()) {
    await tab.next("sync:required", () => true, from[at]);
    assert.deepEqual(tab.disconnects, []);
  }
  await alice.send(bob.userId, "after");
  await bob.next<Message>("message:new", ({ body }) => body === "after");
});

story("whoever_has_no_session_any_more_in_an_empty_redis_is_told_after_the_hold", async (scene) => {
  const acme = await scene.tenant();
  const [first, second] = scene.stack.gateways.map(({ url }) => url);
  const kept = await scene.memberAt(acme, "dashboard", "Kept", { url: first });
  const lost = await scene.memberAt(acme, "dm", "Lost", { url: second });
  const { redis } = scene.stack;
  const session = new StoredSession(redis, kept.login);
  const text = JSON.stringify(await session.read());

  await redis.kill();
  await waitUntil("readiness to fall", async () => allAre(scene, { status: 503, redis: false }));
  await redis.start();
  const startedAt = Date.now();
  await redis.ask("SET", session.key, text, "EX", 3_600);
  await lost.until("the end of the hold", () => lost.payloads("session:expired").length > 0, HOLD_MS + 10_000);
  const tookMs = Date.now() - startedAt;
  assert.ok(tookMs > HOLD_MS - 1_000, `told after ${tookMs} ms`);
  assert.deepEqual(lost.payloads("session:expired"), [{ reason: "revoked" }]);
  await lost.until("the end of the socket", () => lost.disconnects.length > 0);
  assert.deepEqual(lost.disconnects, ["io server disconnect"]);
  await kept.untilOffline(lost.userId);
  assert.deepEqual([kept.payloads("session:expired"), kept.disconnects, await kept.isAlive()], [[], [], true]);
});
