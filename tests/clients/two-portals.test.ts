import assert from "node:assert/strict";
import { storiesOn } from "./story.ts";
import type { Message, Snapshot } from "./wire.ts";

const story = storiesOn({ over: ["websocket", "polling", "upgrade"] });

story("two_users_of_one_tenant_see_each_other_across_portals", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice");
  const bob = await scene.memberAt(acme, "dm", "Bob");
  await alice.untilOnline(bob.userId);

  const snapshot = await bob.next<Snapshot>("presence:snapshot");
  assert.deepEqual(snapshot.users.map(({ id }) => id).sort(), [alice.userId, bob.userId].sort());
  assert.deepEqual([snapshot.online, snapshot.complete], [2, true]);
  const seen = snapshot.users.find(({ id }) => id === alice.userId);
  assert.deepEqual([seen?.name, seen?.tenantId, seen?.kind, seen?.portals], ["Alice", acme, "tenant", ["dashboard"]]);
  assert.deepEqual(alice.announcements(bob.userId), ["online"]);
});

story("session_ready_comes_first_and_tells_who_one_is", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dm", "Alice");
  assert.deepEqual(alice.received.slice(0, 2).map(({ event }) => event), ["session:ready", "presence:snapshot"]);
  const { self, portal, presence, limits, unreadTotal, serverTime } = alice.ready;
  assert.deepEqual([self.id, self.tenantId, self.name, self.kind], [alice.userId, acme, "Alice", "tenant"]);
  assert.deepEqual([portal, presence, limits.bodyMax, unreadTotal], ["dm", { mode: "all", online: 1 }, 4000, 0]);
  assert.match(serverTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.ok(Math.abs(Date.parse(serverTime) - Date.now()) < 30_000);
});

story("a_message_reaches_the_peer_and_the_senders_other_tabs_but_not_the_sending_one", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice");
  const otherTab = await scene.open(alice.login, "dm");
  const bob = await scene.memberAt(acme, "dm", "Bob");

  const clientMessageId = crypto.randomUUID();
  const acked = await alice.send(bob.userId, "Guten Tag – 你好 👋", clientMessageId);
  const [min, max] = [alice.userId, bob.userId].sort();
  assert.deepEqual(
    { ...acked, id: "", createdAt: "" },
    {
      id: "", createdAt: "", conversationId: `${acme}:${min}:${max}`, seq: 1, tenantId: acme,
      senderId: alice.userId, recipientId: bob.userId, body: "Guten Tag – 你好 👋", clientMessageId,
    },
  );
  // Acked means stored.
  const rows = await scene.rows<Message>(`SELECT * FROM realtime."ChatMessage" WHERE "clientMessageId" = $1`, [clientMessageId]);
  assert.deepEqual(rows.map((row) => [row.id, Number(row.seq), row.body]), [[acked.id, 1, acked.body]]);

  assert.deepEqual(await bob.next<Message>("message:new"), acked);
  assert.deepEqual(await otherTab.next<Message>("message:new"), acked);

  // Bob's answer is the fence: the sender's own message would have come before it.
  const answer = await bob.send(alice.userId, "Grüß Gott");
  assert.deepEqual(await alice.next<Message>("message:new"), answer);
  assert.deepEqual(alice.messages(), [answer]);
  assert.equal(answer.seq, 2);
});

story("what_is_said_in_one_tenant_is_not_heard_in_another", async (scene) => {
  const [acme, globex] = [await scene.tenant(), await scene.tenant()];
  const carol = await scene.memberAt(globex, "dashboard", "Carol");
  const alice = await scene.memberAt(acme, "dashboard", "Alice");
  const bob = await scene.memberAt(acme, "dm", "Bob");
  await alice.send(bob.userId, "between us");
  await bob.next("message:new");

  const dave = await scene.memberAt(globex, "dm", "Dave");
  await dave.send(carol.userId, "and between us");
  await carol.next("message:new");
  assert.deepEqual([...carol.online()].sort(), [carol.userId, dave.userId].sort());
  assert.deepEqual(carol.messages().map(({ body }) => body), ["and between us"]);
});
