import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import pg from "pg";
import { startExistingApi } from "../stack/existing-api.ts";
import { SESSION_SECRET } from "../stack/stack.ts";
import type { Scene } from "./scene.ts";
import { storiesOn } from "./story.ts";
import type { Tab } from "./tab.ts";
import type { History, List, Message } from "./wire.ts";

const READ_ONLY_ROLE = readFileSync(new URL("../../deploy/postgres/read_only_role.sql", import.meta.url), "utf8");

const story = storiesOn();

story("the_api_reads_through_prisma_what_the_gateway_answers", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice");
  const bob = await scene.memberAt(acme, "dm", "Bob");
  const mia = await scene.staffAt("Mia");
  for (let n = 1; n <= 7; n += 1) await (n % 3 ? alice : bob).send(n % 3 ? bob.userId : alice.userId, `Nachricht ${n} ✓`);
  await mia.send(alice.userId, "hello from the platform");

  for (const [tab, peer, count] of [[alice, bob, 7], [bob, alice, 7], [alice, mia, 1], [mia, alice, 1], [mia, bob, 0]] as const) {
    const answered = await tab.ask<History>("message:history", { with: peer.userId });
    assert.equal(answered.messages.length, count);
    assert.deepEqual(await tab.login.get<History>(`/api/chat/history?with=${peer.userId}`), answered);
  }
  assert.deepEqual(
    await alice.login.get<History>(`/api/chat/history?with=${bob.userId}&before=5&limit=3`),
    await alice.ask<History>("message:history", { with: bob.userId, beforeSeq: 5, limit: 3 }),
  );
});

type Listed = { conversations: { conversationId: string; peerId: string; lastMessage: Message; unread: number }[] };

story("the_api_reads_conversations_and_unread_counts_through_prisma_from_the_gateways_rows", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice");
  const bob = await scene.memberAt(acme, "dm", "Bob");
  const carol = await scene.memberAt(acme, "dm", "Carol");
  for (const body of ["one", "two", "three"]) await bob.send(alice.userId, body);
  await alice.send(bob.userId, "four");
  const last = await carol.send(alice.userId, "hi");

  const { conversations } = await alice.login.get<Listed>("/api/chat/conversations");
  assert.deepEqual(conversations.map(({ peerId, lastMessage: { body }, unread }) => [peerId, body, unread]), [[carol.userId, "hi", 1], [bob.userId, "four", 3]]);
  assert.deepEqual(conversations[0]?.lastMessage, last);
  assert.deepEqual(await alice.login.get("/api/chat/unread"), { unread: 4 });
  assert.deepEqual(await bob.login.get("/api/chat/unread"), { unread: 1 });
});

/** A login role of the API's that reads its own tables, and the gateway's by the delivered file. Answers its address. */
async function readerOf(scene: Scene): Promise<string> {
  await scene.rows(READ_ONLY_ROLE);
  await scene.rows(`
    DO $$ BEGIN IF to_regrole('reader_of_tests') IS NULL THEN CREATE ROLE reader_of_tests LOGIN; END IF; END $$;
    GRANT realtime_reader TO reader_of_tests;
    GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader_of_tests`);
  const url = new URL(scene.stack.databaseUrl);
  url.username = "reader_of_tests";
  return url.href;
}

story("an_api_that_may_only_read_tells_history_conversations_and_unread_as_the_gateway_does", async (scene) => {
  const [acme, globex] = [await scene.tenant(), await scene.tenant()];
  const alice = await scene.memberAt(acme, "dashboard", "Alice");
  const bob = await scene.memberAt(acme, "dm", "Bob");
  const carol = await scene.memberAt(acme, "dm", "Carol");
  const gus = await scene.memberAt(globex, "dm", "Gus");
  const mia = await scene.staffAt("Mia");
  for (const body of ["one", "two", "three", "four"]) await bob.send(alice.userId, body);
  await alice.send(bob.userId, "five");
  await carol.send(alice.userId, "never read");
  for (const to of [alice, gus]) await mia.send(to.userId, "hello from the platform");
  await gus.send(mia.userId, "an answer");
  await alice.ask("message:read", { with: bob.userId, upToSeq: 2 });
  await bob.ask("message:read", { with: alice.userId, upToSeq: 5 });
  // Two conversations whose last messages were stored in one millisecond have an order too, and it is the same on both sides.
  await scene.rows(`
    UPDATE realtime."ChatConversation" SET "lastMessageAt" = now()
     WHERE '${alice.userId}' IN ("userA", "userB")`);

  const settings = { databaseUrl: await readerOf(scene), redisUrl: scene.stack.redis.url, sessionSecret: SESSION_SECRET };
  const { program, url } = await startExistingApi(settings, scene.stack.logFolder);
  const read = async <T>(tab: Tab, path: string): Promise<T> => {
    const response = await fetch(`${url}/api/chat/${path}`, { headers: { cookie: tab.login.cookie } });
    assert.equal(response.status, 200, path);
    return (await response.json()) as T;
  };
  try {
    for (const [tab, unread] of [[alice, 2 + 1 + 1], [bob, 0], [carol, 0], [gus, 1], [mia, 1]] as const) {
      const listed = (await tab.ask<List>("conversation:list")).conversations;
      const rows = (await read<Listed>(tab, "conversations")).conversations;
      assert.deepEqual(
        rows.map(({ conversationId, peerId, lastMessage, unread }) => [conversationId, peerId, lastMessage, unread]),
        listed.map(({ conversationId, peer, lastMessage, unread }) => [conversationId, peer.id, lastMessage, unread]),
      );
      assert.deepEqual(await read(tab, "unread"), { unread });
      for (const { peer } of listed) {
        assert.deepEqual(await read(tab, `history?with=${peer.id}`), await tab.ask<History>("message:history", { with: peer.id }));
      }
    }
  } finally {
    await program.stop();
  }
});

story("the_read_only_role_reads_every_row_of_the_gateways_and_changes_none", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice");
  const bob = await scene.memberAt(acme, "dm", "Bob");
  const sent = await alice.send(bob.userId, "readable");
  const reader = new pg.Client({ connectionString: await readerOf(scene) });
  await reader.connect();
  try {
    const { rows } = await reader.query(`select body from realtime."ChatMessage" where id = $1`, [sent.id]);
    assert.deepEqual(rows, [{ body: "readable" }]);
    const tables = ["ChatMessage", "ChatConversation", "ChatUser"];
    for (const table of [...tables, "ChatDirectory"]) {
      assert.notEqual((await reader.query(`select * from realtime."${table}"`)).rowCount, 0, table);
    }
    const forbidden = [
      ...tables.flatMap((table) => [
        `insert into realtime."${table}" select * from realtime."${table}" limit 1`,
        `delete from realtime."${table}"`,
        `truncate realtime."${table}"`,
        `drop table realtime."${table}"`,
      ]),
      `update realtime."ChatMessage" set body = ''`,
      `update realtime."ChatConversation" set "readSeqA" = 0`,
      `update realtime."ChatUser" set name = 'Mallory'`,
      `insert into realtime."ChatDirectory" (id, kind) values ('u_mallory', 'manage')`,
      // The gateway's own way of writing is no way round.
      `select realtime.append_messages(array[gen_random_uuid()], array[$q$a:b:c$q$], array['a'], array['b'], array['c'], array['b'], array['c'], array['hi'], array['1'], now())`,
      `create table realtime."Mine" (id int)`,
    ];
    for (const sql of forbidden) await assert.rejects(reader.query(sql), { code: "42501" }, sql);
  } finally {
    await reader.end();
  }
  const kept = await scene.rows(`SELECT body FROM realtime."ChatMessage" WHERE id = $1`, [sent.id]);
  assert.deepEqual(kept, [{ body: "readable" }]);
});
