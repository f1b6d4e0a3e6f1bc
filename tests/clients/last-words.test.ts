import assert from "node:assert/strict";
import { waitUntil } from "../stack/wait-until.ts";
import type { Scene } from "./scene.ts";
import { storiesOn } from "./story.ts";
import { StoredSession } from "./stored-session.ts";

/** Postgres is stopped in these: what is asked of it is still under way when the client leaves. */
const story = storiesOn({ alone: true, over: ["websocket", "polling"] });

const BODIES = ["one", "two", "three"];

/** Waits for what came before it, and for Postgres. */
const LIST = `42/tenant,["conversation:list",{}]`;

/** Says three things in one breath and is gone. */
async function speakAndLeave(scene: Scene, say: (bodies: string[]) => string[]) {
  const acme = await scene.tenant();
  const bob = await scene.memberAt(acme, "dm", "Bob");
  const login = await scene.logIn(await scene.member(acme, "Alice"));
  const link = await scene.rawLink(login);
  link.send("40/tenant,");
  await bob.untilOnline(login.account.id);
  const before = await leftSoFar(scene);
  scene.stack.postgres.freeze();
  for (const packet of say(BODIES.map((body) => sendFrame(bob.userId, body)))) link.send(packet);
  await waitUntil("the end of the connection", async () => (await leftSoFar(scene)) > before);
  return { bob, login };
}

function sendFrame(to: string, body: string): string {
  return `42/tenant,${JSON.stringify(["message:send", { to, body, clientMessageId: crypto.randomUUID() }])}`;
}

async function leftSoFar(scene: Scene): Promise<number> {
  const pages = await Promise.all(scene.stack.gateways.map(async ({ opsUrl }) => (await fetch(`${opsUrl}/metrics`)).text()));
  return pages.reduce((sum, page) => sum + Number(/connections_ended_total\{reason="transport_closed"\} (\d+)/.exec(page)?.[1] ?? 0), 0);
}

for (const [how, leave] of [
  ["its_namespace_and_its_link", ["41/tenant,", "1"]],
  ["its_link", ["1"]],
] as const) {
  story(`what_a_client_says_before_it_leaves_${how}_is_stored_and_delivered_in_order`, async (scene) => {
    const { bob } = await speakAndLeave(scene, ([first, ...others]) => [first!, LIST, ...others, ...leave]).finally(() => scene.stack.postgres.thaw());
    for (const body of BODIES) await bob.next("message:new", (message: { body: string }) => message.body === body);
    assert.deepEqual(bob.messages().map(({ seq, body }) => [seq, body]), BODIES.map((body, index) => [index + 1, body]));
  });
}

story("what_waits_of_a_client_that_has_left_is_dropped_when_its_session_ends", async (scene) => {
  const { bob, login } = await speakAndLeave(scene, ([first, ...others]) => [first!, LIST, ...others, "1"]);
  try {
    await new StoredSession(scene.stack.redis, login).delete();
    await bob.untilOffline(login.account.id);
  } finally {
    scene.stack.postgres.thaw();
  }
  const fence = await bob.send(login.account.id, "fence");
  const rows = await scene.rows<{ body: string }>(
    `SELECT body FROM realtime."ChatMessage" WHERE "conversationId" = $1 ORDER BY seq`,
    [fence.conversationId],
  );
  assert.ok(rows.every(({ body }) => body === "one" || body === "fence"), rows.map(({ body }) => body).join());
});
