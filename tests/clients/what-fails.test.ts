/** The table "What fails" of ARCHITECTURE.md, where no other file tells it: what users see, and what operators see. */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { SessionReady } from "@realtime/protocol";
import WebSocket from "ws";
import { waitUntil } from "../stack/wait-until.ts";
import { withEmitter } from "./node-server.ts";
import type { Scene } from "./scene.ts";
import { storiesOn } from "./story.ts";
import type { Tab } from "./tab.ts";
import type { Sync } from "./wire.ts";

const UNAVAILABLE_WITHIN_MS = 5_000;

const story = storiesOn({ alone: true });

/** Of every gateway. */
async function readiness(scene: Scene): Promise<{ status: number; postgres: boolean; live: number }[]> {
  return Promise.all(
    scene.stack.gateways.map(async ({ opsUrl }) => {
      const response = await fetch(`${opsUrl}/readyz`);
      const { postgres } = (await response.json()) as { postgres: boolean };
      return { status: response.status, postgres, live: (await fetch(`${opsUrl}/livez`)).status };
    }),
  );
}

async function acquaintances(scene: Scene, acme: string): Promise<[Tab, Tab]> {
  const [first, second] = scene.stack.gateways.map(({ url }) => url);
  const alice = await scene.memberAt(acme, "dashboard", "Alice", { url: first });
  const bob = await scene.memberAt(acme, "dm", "Bob", { url: second });
  await alice.send(bob.userId, "hello");
  await bob.next("message:new");
  return [alice, bob];
}

async function counted(scene: Scene, reason: string): Promise<number> {
  const pages = await Promise.all(scene.stack.gateways.map(async ({ opsUrl }) => (await fetch(`${opsUrl}/metrics`)).text()));
  const line = new RegExp(`connections_ended_total\\{reason="${reason}"\\} (\\d+)`);
  return pages.reduce((sum, page) => sum + Number(line.exec(page)?.[1] ?? 0), 0);
}

const OUTAGES: Record<string, (scene: Scene) => Promise<() => Promise<void>>> = {
  is_down: async ({ stack }) => {
    await stack.postgres.stop();
    return () => stack.startPostgresAgain();
  },
  hangs: async ({ stack }) => {
    stack.postgres.freeze();
    return async () => stack.postgres.thaw();
  },
};

for (const [how, begin] of Object.entries(OUTAGES)) {
  story(`while_postgres_${how}_sending_is_unavailable_in_time_and_the_rest_goes_on`, async (scene) => {
    const acme = await scene.tenant();
    const [alice, bob] = await acquaintances(scene, acme);
    const carol = await scene.logIn(await scene.member(acme, "Carol"));
    const unsent = { to: bob.userId, body: "Do you hear me?", clientMessageId: crypto.randomUUID() };

    const end = await begin(scene);
    try {
      const askedAt = Date.now();
      assert.equal((await alice.refusal("message:send", unsent)).code, "unavailable");
      const tookMs = Date.now() - askedAt;
      assert.ok(tookMs < UNAVAILABLE_WITHIN_MS, `refused after ${tookMs} ms`);

      await waitUntil("readiness to fall", async () => (await readiness(scene)).every(({ status, postgres }) => status === 503 && !postgres));
      assert.deepEqual((await readiness(scene)).map(({ live }) => live), [200, 200]);
      const newcomer = await scene.open(carol, "dm");
      assert.equal((await newcomer.next<SessionReady>("session:ready")).unreadTotal, null);
      await alice.untilOnline(newcomer.userId);
      await alice.ask("typing", { to: bob.userId, typing: true });
      await bob.next<{ from: string }>("typing", ({ from }) => from === alice.userId);
    } finally {
      await end();
    }
    await waitUntil("readiness", async () => (await readiness(scene)).every(({ status }) => status === 200));
    const sent = await alice.ask<{ seq: number }>("message:send", unsent);
    assert.equal(sent.seq, 2, "whether the first attempt was stored or not");
    await bob.next<{ seq: number }>("message:new", ({ seq }) => seq === 2);
    for (const tab of [alice, bob]) assert.deepEqual(tab.disconnects, []);
  });
}

story("while_the_existing_api_is_down_nothing_changes", async (scene) => {
  const acme = await scene.tenant();
  const login = await scene.logIn(await scene.member(acme, "Carol"));
  const [alice, bob] = await acquaintances(scene, acme);
  await scene.stack.stopApi();
  try {
    await assert.rejects(scene.logIn(login.account));
    const carol = await scene.open(login, "dm");
    await alice.untilOnline(carol.userId);
    await carol.send(bob.userId, "the API is away");
    await bob.next<{ body: string }>("message:new", ({ body }) => body === "the API is away");
    assert.deepEqual((await readiness(scene)).map(({ status }) => status), [200, 200]);
  } finally {
    await scene.stack.startApiAgain();
  }
});

story("a_client_that_does_not_read_is_cut_and_delays_nobody", async (scene) => {
  const acme = await scene.tenant();
  const [alice, bob] = await acquaintances(scene, acme);
  const before = await counted(scene, "slow_consumer");
  const url = scene.stack.gateway(1).url.replace("http", "ws");
  const deaf = new WebSocket(`${url}/realtime/?EIO=4&transport=websocket`, { headers: { cookie: bob.login.cookie } });
  await once(deaf, "message");
  deaf.send("40/tenant,");
  await once(deaf, "message");
  deaf.pause();
  // The first megabytes wait in the kernel.
  const chunk = "x".repeat(32_768);
  await withEmitter(scene.stack.redis.url, async (emitter) => {
    let sent = 0;
    await waitUntil("being cut", async () => {
      for (let n = 0; n < 16; n += 1) emitter.of("/tenant").to(`user:${bob.userId}`).emit("note", (sent += 1), chunk);
      // Whoever reads has read them all meanwhile.
      await bob.next<number>("note", (number) => number === sent);
      return (await counted(scene, "slow_consumer")) > before;
    });
  });
  const ended = once(deaf, "close");
  deaf.resume();
  await ended;
  assert.deepEqual(bob.disconnects, [], "another socket of the same user, on the same gateway");

  const message = await alice.send(bob.userId, "come back");
  const back = await scene.open(bob.login, "dm", { url: scene.stack.gateway(1).url });
  const { messages } = await back.ask<Sync>("sync", { since: { [message.conversationId]: 1 } });
  assert.deepEqual(messages.map(({ body }) => body), ["come back"]);
});
