/** This version and a former one (FORMER_GATEWAY, its binary) side by side: a deploy, one instance at a time, and its rollback. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { PollingLink } from "../../clients/polling-link.ts";
import { Scene } from "../../clients/scene.ts";
import type { Tab } from "../../clients/tab.ts";
import type { History, Message, PresencePage } from "../../clients/wire.ts";
import { Gateway, migrateGateway, type Place } from "../../stack/gateway.ts";
import { Stack } from "../../stack/stack.ts";
import { waitUntil } from "../../stack/wait-until.ts";
import { placesIn, stopAll } from "../gateways.ts";

const FORMER = process.env.FORMER_GATEWAY;
const CURRENT = undefined;

let stack: Stack;
let scene: Scene;
let places: Place[] = [];
const gateways: Gateway[] = [];

before(async () => {
  if (FORMER === undefined) throw new Error("FORMER_GATEWAY is not set: make test-versions FORMER=<commit>");
  stack = await Stack.start({ gateways: 0 });
  // Room for whoever is sent away by a drain to come back before peers are told.
  const env = { REALTIME_PRESENCE_GRACE_MS: "5000", REDIS_URL: stack.redis.url, DATABASE_URL: stack.databaseUrl };
  places = await placesIn(stack, ["gateway-1", "gateway-2"], env);
  await migrateGateway(stack.logFolder, places[0]!.env, FORMER);
  for (const place of places) gateways.push(await Gateway.start({ ...place, binary: FORMER }));
  scene = new Scene(stack, "websocket");
});

after(async () => {
  scene?.close();
  await stopAll(gateways);
  await stack?.stop();
});

async function replace(index: number, binary: string | undefined): Promise<void> {
  assert.deepEqual(await gateways[index]!.kill("SIGTERM"), { code: 0, signal: null });
  gateways[index] = await Gateway.start({ ...places[index]!, binary });
}

type People = { acme: string; alice: Tab; bob: Tab; mia: Tab };

/** Alice at the first instance, Bob at the second, staff at the first: whatever one of them does, the others hear. */
async function everythingGoesAcross({ acme, alice, bob, mia }: People): Promise<void> {
  for (const tab of [alice, bob, mia]) await tab.until("its return", () => tab.socket.connected);
  for (const [from, to] of [[alice, bob], [bob, alice]] as const) {
    const { id, seq } = await from.send(to.userId, "Hello");
    await to.next<Message>("message:new", (message) => message.id === id);
    const since = from.received.length;
    await to.ask("message:read", { with: from.userId, upToSeq: seq });
    await from.next("message:read", () => true, since);
    await to.ask("typing", { to: from.userId, typing: true });
    await from.next("typing", () => true, since);
  }
  const histories = [await alice.ask<History>("message:history", { with: bob.userId }), await bob.ask<History>("message:history", { with: alice.userId })];
  assert.deepEqual(histories[0], histories[1]);
  assert.deepEqual(histories[0]!.messages.map(({ seq }) => seq), histories[0]!.messages.map((_, index) => index + 1));
  for (const tab of [alice, bob]) {
    // Whoever polled a moment ago is still within their grace.
    await waitUntil("both to be online, and nobody else", async () => {
      const { users } = await tab.ask<PresencePage>("presence:list", {});
      return isDeepStrictEqual(users.map(({ id }) => id).sort(), [alice.userId, bob.userId].sort());
    });
  }
  const passer = await scene.memberAt(acme, "dm", "Passer-by", { url: gateways[1]!.url });
  await alice.untilOnline(passer.userId);
  passer.close();
  await alice.untilOffline(passer.userId);
  assert.equal(await mia.login.post("/api/notify", { userId: bob.userId, text: "for Bob" }), 202);
  // A poll that reaches the other version is passed on, both ways.
  const member = await scene.logIn(await scene.member(acme));
  for (const [owner, other] of [[0, 1], [1, 0]] as const) {
    const link = await PollingLink.open(gateways[owner]!.url, member);
    assert.equal((await link.post(gateways[other]!.url, '40/tenant,{"portal":"dm"}')).body, "ok");
    assert.equal((await link.poll(gateways[other]!.url)).status, 200);
    await link.post(gateways[other]!.url, "41/tenant,");
  }
}

test("a_deploy_and_its_rollback_lose_nobody_and_nothing", { timeout: 240_000 }, async () => {
  const acme = await scene.tenant();
  const at = (index: number) => ({ url: gateways[index]!.url, insists: true });
  const people: People = {
    acme,
    alice: await scene.memberAt(acme, "dashboard", "Alice", at(0)),
    bob: await scene.memberAt(acme, "dm", "Bob", at(1)),
    mia: await scene.staffAt("Mia", at(0)),
  };
  await people.alice.untilOnline(people.bob.userId);
  const from = [people.alice, people.bob].map(({ received }) => received.length);
  await everythingGoesAcross(people);
  await migrateGateway(stack.logFolder, places[0]!.env);
  await everythingGoesAcross(people);
  for (const [index, binary] of [[0, CURRENT], [1, CURRENT], [0, FORMER]] as const) {
    await replace(index, binary);
    await everythingGoesAcross(people);
  }
  assert.deepEqual(people.alice.announcements(people.bob.userId, from[0]), [], "nobody was seen to leave");
  assert.deepEqual(people.bob.announcements(people.alice.userId, from[1]), [], "nobody was seen to leave");
});
