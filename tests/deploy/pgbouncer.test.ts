/** Gateways whose way to Postgres leads through PgBouncer in session mode. (In transaction mode they do not work: see the runbook.) */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Scene } from "../clients/scene.ts";
import type { History, Message } from "../clients/wire.ts";
import { migrateGateway, type Gateway } from "../stack/gateway.ts";
import { startPgbouncer } from "../stack/pgbouncer.ts";
import type { Program } from "../stack/program.ts";
import { Stack } from "../stack/stack.ts";
import { waitUntil } from "../stack/wait-until.ts";
import { SETTINGS, startGateways, stopAll } from "./gateways.ts";

let stack: Stack;
let pgbouncer: Program;
let gateways: Gateway[] = [];
let scene: Scene;

before(async () => {
  stack = await Stack.start({ gateways: 0 });
  const { program, url } = await startPgbouncer(stack);
  pgbouncer = program;
  const env = { ...SETTINGS, REDIS_URL: stack.redis.url, DATABASE_URL: url };
  await migrateGateway(stack.logFolder, env);
  gateways = await startGateways(stack, env);
  scene = new Scene(stack, "websocket");
});

after(async () => {
  scene?.close();
  await stopAll(gateways);
  await pgbouncer?.stop();
  await stack?.stop();
});

/** The settings that a gateway gives its sessions, where they are in force. */
async function sessionsOfGateways(): Promise<number> {
  const rows = await scene.rows<{ count: string }>("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'realtime-gateway'");
  return Number(rows[0]?.count);
}

test("pgbouncer_in_session_mode_carries_chat_history_and_a_storm_of_reads", { timeout: 60_000 }, async () => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice", { url: gateways[0]!.url });
  const bob = await scene.memberAt(acme, "dm", "Bob", { url: gateways[1]!.url });
  const sent = await Promise.all(Array.from({ length: 20 }, (_, n) => alice.send(bob.userId, `message ${n}`)));
  await bob.next<Message>("message:new", ({ id }) => id === sent.at(-1)?.id);
  const pages = await Promise.all(Array.from({ length: 60 }, () => bob.ask<History>("message:history", { with: alice.userId, limit: 20 })));
  const expected = sent.map(({ id }) => id).sort();
  for (const { messages } of pages) assert.deepEqual(messages.map(({ id }) => id).sort(), expected);
  assert.ok((await sessionsOfGateways()) > 2, "what a connection was told first holds for it");
});

test("a_pgbouncer_that_is_restarted_is_found_again", { timeout: 60_000 }, async () => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice", { url: gateways[0]!.url });
  const bob = await scene.memberAt(acme, "dm", "Bob", { url: gateways[1]!.url });
  const before = await alice.send(bob.userId, "before");
  await pgbouncer.kill("SIGKILL");
  const clientMessageId = crypto.randomUUID();
  assert.equal((await alice.refusal("message:send", { to: bob.userId, body: "meanwhile", clientMessageId })).code, "unavailable");
  pgbouncer = await pgbouncer.again();
  await waitUntil("it to be stored", async () => (await alice.ack("message:send", { to: bob.userId, body: "meanwhile", clientMessageId })).ok);
  // The other gateway finds its dead connections one by one.
  const messages = await waitUntil("the other one to read", async () => {
    const page = await bob.ack<History>("message:history", { with: alice.userId });
    return page.ok && page.data.messages;
  });
  assert.deepEqual(messages.map(({ id, body }) => [id === before.id, body]), [[true, "before"], [false, "meanwhile"]]);
  assert.deepEqual([...alice.disconnects, ...bob.disconnects], []);
});
