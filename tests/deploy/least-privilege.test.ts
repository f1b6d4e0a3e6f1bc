/** The Redis user and the Postgres roles of `deploy/`, as two gateways use them: enough for everything, and for nothing else. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import pg from "pg";
import { createClient } from "redis";
import { withNodeServer } from "../clients/node-server.ts";
import { PollingLink } from "../clients/polling-link.ts";
import { Scene } from "../clients/scene.ts";
import type { History, Message } from "../clients/wire.ts";
import { waitUntil } from "../stack/wait-until.ts";
import { runFile, startRestrictedGateways, type RestrictedGateways } from "./restricted-gateways.ts";

let system: RestrictedGateways;
let scene: Scene;

before(async () => {
  system = await startRestrictedGateways();
  scene = new Scene(system.stack, "websocket");
});

after(async () => {
  scene?.close();
  await system?.stop();
});

function url(index: number): string {
  return system.gateways[index]!.url;
}

/** What Redis has refused. */
async function refused(): Promise<string[]> {
  const entries = await system.stack.redis.ask<Record<string, unknown>[]>("ACL", "LOG");
  return entries.map(({ reason, object, username }) => `${username}: ${reason} ${object}`);
}

/** Of each gateway, whether its log holds a text. */
function logsHold(text: string): boolean[] {
  return system.gateways.map(({ logFile }) => readFileSync(logFile, "utf8").includes(text));
}

test("everything_that_a_gateway_does_is_allowed", { timeout: 60_000 }, async () => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice", { url: url(0) });
  const bob = await scene.memberAt(acme, "dm", "Bob", { url: url(1) });
  const mia = await scene.staffAt("Mia", { url: url(0) });
  for (const [one, other] of [[alice, bob], [bob, alice]] as const) await one.untilOnline(other.userId);

  const sent = await alice.send(bob.userId, "Hello");
  await bob.next<Message>("message:new", ({ id }) => id === sent.id);
  await mia.send(bob.userId, "Hello from the platform");
  await bob.ask("message:read", { with: alice.userId, upToSeq: sent.seq });
  await bob.ask("message:delivered", { with: alice.userId, upToSeq: sent.seq });
  await alice.next("message:read");
  const { messages } = await bob.ask<History>("message:history", { with: alice.userId });
  assert.deepEqual(messages.map(({ id }) => id), [sent.id]);
  await bob.ask("conversation:list", {});
  await bob.ask("sync", { since: {} });
  await bob.ask("user:search", { query: "Ali" });
  await bob.ask("presence:list", {});
  await mia.ask("presence:tenants", {});
  await alice.ask("typing", { to: bob.userId, typing: true });
  await bob.next("typing");

  // The API's emitter, and the stock adapter's questions.
  assert.equal(await mia.login.post("/api/notify", { userId: alice.userId, text: "Your export is ready" }), 202);
  await alice.next("notification");
  await withNodeServer(system.stack.redis.url, async (io) => {
    const sockets = await io.of("/tenant").in(`tenant:${acme}`).fetchSockets();
    assert.equal(sockets.length, 2);
    assert.equal((await io.of("/manage").fetchSockets()).length, 1);
  });

  // A polling request that is passed on: the owner is looked up.
  const link = await PollingLink.open(url(0), alice.login);
  assert.equal((await link.post(url(1), '40/tenant,{"portal":"dm"}')).body, "ok");
  assert.equal((await link.poll(url(1))).status, 200);

  assert.match(await system.gateways[0]!.command("presence"), new RegExp(alice.userId));
  await system.gateways[0]!.command("check");

  // A logout, heard of by a keyspace event; then somebody who leaves, and an instance that dies and is reaped.
  await bob.login.logOut();
  await bob.next("session:expired");
  await alice.untilOffline(bob.userId);
  const carol = await scene.memberAt(acme, "dm", "Carol", { url: url(1) });
  await alice.untilOnline(carol.userId);
  carol.close();
  await alice.untilOffline(carol.userId);
  const dave = await scene.memberAt(acme, "dm", "Dave", { url: url(1), reconnection: false });
  await alice.untilOnline(dave.userId);
  await system.gateways[1]!.kill("SIGKILL");
  await alice.untilOffline(dave.userId);
  await waitUntil("the reap", async () => logsHold("instance reaped")[0]);
  await system.gateways[1]!.restart();

  assert.deepEqual(await refused(), []);
  assert.deepEqual(logsHold("permission"), [false, false], "nor has Postgres");
});

test("erasing_and_pruning_are_the_owners", { timeout: 30_000 }, async () => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice", { url: url(0) });
  const bob = await scene.memberAt(acme, "dm", "Bob", { url: url(1) });
  await alice.send(bob.userId, "to be forgotten");
  await assert.rejects(system.gateways[0]!.command("erase-user", alice.userId), /permission denied/);
  await assert.rejects(system.gateways[0]!.command("prune", "--older-than", "1"), /permission denied/);
  await alice.login.logOut();
  await system.asOwner("erase-user", alice.userId);
  await system.asOwner("prune", "--older-than", "1");
  const { messages } = await bob.ask<History>("message:history", { with: alice.userId });
  assert.deepEqual(messages.map(({ body }) => body), [""]);
  assert.deepEqual(await refused(), []);
});

test("a_directory_over_the_apis_users_is_read_with_its_owners_rights", { timeout: 30_000 }, async () => {
  await runFile("postgres/directory_over_users.sql", system.stack.databaseUrl);
  const acme = await scene.tenant();
  const newcomer = await scene.member(acme, "Nora Newcomer");
  const alice = await scene.memberAt(acme, "dashboard", "Alice", { url: url(0) });
  const { users } = await alice.ask<{ users: { id: string }[] }>("user:search", { query: "Newcomer" });
  assert.deepEqual(users.map(({ id }) => id), [newcomer.id]);
  await alice.send(newcomer.id, "Welcome");
});

test("the_redis_user_reads_sessions_and_touches_nothing_else_of_the_apis", async () => {
  const { login } = await scene.memberAt(await scene.tenant(), "dm", "Eve", { url: url(0) });
  await system.stack.redis.ask("SET", "bull:mail:1", "the API's");
  const gateway = createClient({ url: system.redisUrl, disableClientInfo: true }).on("error", () => {});
  await gateway.connect();
  try {
    const key = login.sessionKey;
    assert.ok(await gateway.get(key), "sessions are read");
    const forbidden = [
      ["SET", key, "forged"],
      ["DEL", key],
      ["PEXPIRE", key, "1"],
      ["GET", "bull:mail:1"],
      ["SET", "bull:mail:1", "x"],
      ["DEL", "bull:mail:1"],
      ["PUBLISH", "api:invalidate", "x"],
      ["SUBSCRIBE", "api:invalidate"],
      ["PSUBSCRIBE", "*"],
      // What a script does counts as the user's own.
      ["EVAL", "return redis.call('GET', 'bull:mail:1')", "0"],
      ["KEYS", "*"],
      ["SCAN", "0"],
      ["FLUSHALL"],
      ["CONFIG", "SET", "save", ""],
      ["CLIENT", "KILL", "TYPE", "normal"],
      ["ACL", "LIST"],
      ["SHUTDOWN", "NOSAVE"],
    ];
    for (const command of forbidden) await assert.rejects(gateway.sendCommand(command), /NOPERM/, command.join(" "));
    const hash = await gateway.sendCommand(["SCRIPT", "LOAD", "return redis.call('GET', 'bull:mail:1')"]);
    await assert.rejects(gateway.sendCommand(["EVALSHA", String(hash), "0"]), /NOPERM|can't access|No permissions/i);
    assert.notDeepEqual(await refused(), [], "the log of refusals tells of it");
  } finally {
    gateway.destroy();
  }
});

test("the_writer_changes_and_deletes_no_message_and_sees_none_of_the_apis_tables", async () => {
  const writer = new pg.Client({ connectionString: system.writerUrl });
  await writer.connect();
  try {
    for (const table of ["ChatMessage", "ChatConversation", "ChatUser", "ChatDirectory"]) await writer.query(`select * from realtime."${table}"`);
    const forbidden = [
      `update realtime."ChatMessage" set body = ''`,
      `delete from realtime."ChatMessage"`,
      `truncate realtime."ChatMessage"`,
      `delete from realtime."ChatConversation"`,
      `insert into realtime.__diesel_schema_migrations (version) values ('9')`,
      `create table realtime."Mine" (id int)`,
      `drop table realtime."ChatUser"`,
      `create or replace view realtime."ChatDirectory" as select 1 as id`,
      `select * from public."User"`,
      `create schema mine`,
    ];
    for (const sql of forbidden) await assert.rejects(writer.query(sql), { code: "42501" }, sql);
  } finally {
    await writer.end();
  }
});

test("a_right_that_is_missing_is_told_by_check_and_by_the_log_and_not_by_readiness", { timeout: 30_000 }, async () => {
  const acme = await scene.tenant();
  const [alice, bob] = await Promise.all([acme, acme].map(async (tenant) => scene.memberAt(tenant, "dm", undefined, { url: url(0) })));
  const owner = new pg.Client({ connectionString: system.ownerUrl });
  await owner.connect();
  try {
    await owner.query(`revoke insert on realtime."ChatMessage" from realtime_writer`);
    const refusal = await alice!.refusal("message:send", { to: bob!.userId, body: "Hello", clientMessageId: crypto.randomUUID() });
    assert.equal(refusal.code, "internal");
    assert.equal((await fetch(`${system.gateways[0]!.opsUrl}/readyz`)).status, 200);
    await waitUntil("the log to tell", async () => logsHold("postgres refused a message")[0] && logsHold("permission denied")[0]);
    await assert.rejects(system.gateways[0]!.command("check"), /the role lacks .*ChatMessage/);
  } finally {
    await owner.end();
    await runFile("postgres/writer_role.sql", system.ownerUrl);
  }
  await alice!.send(bob!.userId, "Hello");
});

for (const [who, url] of Object.entries({ its_owner: () => system.ownerUrl, an_administrator: () => system.stack.databaseUrl })) {
  test(`the_reader_that_${who}_makes_reads_the_tables_of_today_and_of_later_and_writes_none`, async () => {
    await runFile("postgres/read_only_role.sql", url());
    const [owner, reader] = [new pg.Client({ connectionString: system.ownerUrl }), new pg.Client({ connectionString: system.stack.databaseUrl })];
    await Promise.all([owner.connect(), reader.connect()]);
    try {
      await owner.query(`create table realtime."Later" (id int)`);
      await reader.query("set role realtime_reader");
      for (const table of ["ChatMessage", "ChatConversation", "ChatUser", "ChatDirectory", "Later"]) await reader.query(`select * from realtime."${table}"`);
      for (const sql of [`insert into realtime."Later" values (1)`, `delete from realtime."ChatMessage"`, `select * from public."User"`]) {
        await assert.rejects(reader.query(sql), { code: "42501" }, sql);
      }
    } finally {
      await owner.query(`drop table realtime."Later"`);
      await reader.query("reset role");
      // The next one finds none.
      await reader.query("drop owned by realtime_reader; drop role realtime_reader");
      await Promise.all([owner.end(), reader.end()]);
    }
  });
}

test("a_table_of_a_later_migration_is_the_writers_to_use", async () => {
  const [owner, writer] = [new pg.Client({ connectionString: system.ownerUrl }), new pg.Client({ connectionString: system.writerUrl })];
  await Promise.all([owner.connect(), writer.connect()]);
  try {
    await owner.query(`create table realtime."Later" (id int)`);
    await writer.query(`insert into realtime."Later" values (1)`);
    await writer.query(`delete from realtime."Later"`);
    await assert.rejects(writer.query(`drop table realtime."Later"`), { code: "42501" });
    await owner.query(`drop table realtime."Later"`);
  } finally {
    await Promise.all([owner.end(), writer.end()]);
  }
});
