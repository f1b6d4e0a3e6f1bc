/** Redis that hangs, and Redis that comes back with nothing in it. */
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import type { Redis } from "../stack/redis.ts";
import { waitUntil } from "../stack/wait-until.ts";
import type { Scene } from "./scene.ts";
import { StoredSession } from "./stored-session.ts";
import { storiesOn } from "./story.ts";
import type { Tab } from "./tab.ts";

/** `STORY_REDIS_AWAY_MS=20000` for what users may live through; longer than the lease in any case. */
const AWAY_MS = Number(process.env.STORY_REDIS_AWAY_MS ?? 6_000);
const HANDSHAKE = "/realtime/?EIO=4&transport=polling";
const HEARTBEAT_MS = 1_000;
const RECHECK_MS = 1_000;
/** A gateway calls Redis down after one second, and looks for it as often. */
const NOTICED_MS = 3_000;

const story = storiesOn({ alone: true });

/** Two users at each gateway. */
async function meet(scene: Scene, acme: string): Promise<Tab[]> {
  const tabs = [];
  for (const { url } of scene.stack.gateways) {
    for (const portal of ["dashboard", "dm"] as const) tabs.push(await scene.memberAt(acme, portal, undefined, { url }));
  }
  for (const tab of tabs) for (const { userId } of tabs) await tab.untilOnline(userId);
  return tabs;
}

/** A handshake at each gateway: its status. */
async function handshakes(scene: Scene): Promise<number[]> {
  return Promise.all(
    scene.stack.gateways.map(async ({ url }) => {
      const response = await fetch(url + HANDSHAKE);
      await response.arrayBuffer();
      return response.status;
    }),
  );
}

async function holds(redis: Redis, acme: string, tabs: Tab[]): Promise<boolean> {
  const online = await redis.ask<string[]>("ZRANGE", `rt:{${acme}}:online`, 0, -1);
  const instances = await redis.ask<string[]>("ZRANGE", `rt:{${acme}}:instances`, 0, -1);
  const members = await Promise.all(instances.map((id) => redis.ask<string[]>("HKEYS", `rt:{${acme}}:m:${id}`)));
  const expected = tabs.map(({ userId }) => userId).sort();
  return instances.length === 2 && `${online.sort()}` === `${expected}` && `${members.flat().sort()}` === `${expected}`;
}

/** Nobody has lost a link, seen anybody flap, or was left without the request to sync. */
async function nothingHappened(scene: Scene, acme: string, tabs: Tab[], from: number[]): Promise<void> {
  for (const [at, tab] of tabs.entries()) await tab.next("sync:required", () => true, from[at]);
  const late = await scene.memberAt(acme, "dashboard", "Late");
  for (const [at, tab] of tabs.entries()) {
    await tab.untilOnline(late.userId);
    assert.deepEqual(tab.disconnects, []);
    for (const { userId } of tabs) assert.deepEqual(tab.announcements(userId, from[at]), [], `frames of ${userId}`);
  }
  late.close();
  await tabs[0]?.untilOffline(late.userId);
}

story("redis_that_hangs_for_longer_than_a_lease_is_lived_through", async (scene) => {
  const acme = await scene.tenant();
  const tabs = await meet(scene, acme);
  const from = tabs.map(({ received }) => received.length);
  const { redis } = scene.stack;
  redis.freeze();
  const frozenAt = Date.now();
  await waitUntil("handshakes to be refused", async () => (await handshakes(scene)).every((status) => status === 503), NOTICED_MS + 2_000);
  await pause(frozenAt + AWAY_MS - Date.now());
  assert.deepEqual(await handshakes(scene), [503, 503]);
  redis.thaw();
  const thawedAt = Date.now();
  await waitUntil("members and sets to be whole", async () => holds(redis, acme, tabs));
  const tookMs = Date.now() - thawedAt;
  assert.ok(tookMs < HEARTBEAT_MS + NOTICED_MS, `whole after ${tookMs} ms`);
  await waitUntil("handshakes", async () => (await handshakes(scene)).every((status) => status === 200), NOTICED_MS * 2);
  await nothingHappened(scene, acme, tabs, from);
}, { withinMs: 120_000 + AWAY_MS });

story("redis_that_is_killed_and_comes_back_empty_is_filled_again", async (scene) => {
  const acme = await scene.tenant();
  const tabs = await meet(scene, acme);
  const from = tabs.map(({ received }) => received.length);
  const { redis } = scene.stack;
  const sessions = await Promise.all(
    tabs.map(async ({ login }) => {
      const session = new StoredSession(redis, login);
      return { key: session.key, text: JSON.stringify(await session.read()) };
    }),
  );
  await redis.kill();
  const killedAt = Date.now();
  await waitUntil("handshakes to be refused", async () => (await handshakes(scene)).every((status) => status === 503), NOTICED_MS + 2_000);
  await pause(killedAt + AWAY_MS - Date.now());
  assert.deepEqual(await handshakes(scene), [503, 503]);
  await redis.start();
  const startedAt = Date.now();
  await waitUntil("members and sets to be whole", async () => holds(redis, acme, tabs));
  const tookMs = Date.now() - startedAt;
  assert.ok(tookMs < HEARTBEAT_MS + NOTICED_MS, `whole after ${tookMs} ms`);
  await waitUntil("handshakes", async () => (await handshakes(scene)).every((status) => status === 200), NOTICED_MS * 2);
  // Longer than the period of the rechecks: the sessions are gone, and nobody is sent away for that before they can be back.
  await pause(RECHECK_MS * 2);
  for (const { key, text } of sessions) await redis.ask("SET", key, text, "EX", 3_600);
  await nothingHappened(scene, acme, tabs, from);
}, { withinMs: 120_000 + AWAY_MS });
