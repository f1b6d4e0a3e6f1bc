import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import pg from "pg";
import { storiesOn } from "./story.ts";
import type { History, Message } from "./wire.ts";

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

story("the_read_only_role_reads_the_gateways_rows_and_changes_none", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice");
  const bob = await scene.memberAt(acme, "dm", "Bob");
  const sent = await alice.send(bob.userId, "readable");
  await scene.rows(readFileSync(new URL("../../deploy/postgres/read_only_role.sql", import.meta.url), "utf8"));

  const reader = new pg.Client({ connectionString: scene.stack.databaseUrl });
  await reader.connect();
  try {
    await reader.query("set role realtime_reader");
    const { rows } = await reader.query(`select body from realtime."ChatMessage" where id = $1`, [sent.id]);
    assert.deepEqual(rows, [{ body: "readable" }]);
    const forbidden = [
      `insert into realtime."ChatMessage" select * from realtime."ChatMessage" limit 1`,
      `update realtime."ChatConversation" set "readSeqA" = 0`,
      `delete from realtime."ChatMessage"`,
      `truncate realtime."ChatUser"`,
      `drop table realtime."ChatMessage"`,
      `create table realtime."Mine" (id int)`,
    ];
    for (const sql of forbidden) await assert.rejects(reader.query(sql), { code: "42501" }, sql);
  } finally {
    await reader.end();
  }
});
