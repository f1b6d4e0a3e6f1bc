import assert from "node:assert/strict";
import type { MarkMoved, Message } from "@realtime/protocol";
import { storiesOn } from "./story.ts";
import type { Sync } from "./wire.ts";

const story = storiesOn({ over: ["websocket", "polling"] });

type Marked = { upToSeq: number; unread?: number };

story("a_read_mark_reaches_every_socket_of_both_but_the_one_that_said_it", async (scene) => {
  const acme = await scene.tenant();
  const [first, second] = scene.stack.gateways.map(({ url }) => ({ url }));
  const alice = await scene.memberAt(acme, "dashboard", "Alice", first);
  const alicesDm = await scene.open(alice.login, "dm", second);
  const bob = await scene.memberAt(acme, "dm", "Bob", second);
  const bobsDashboard = await scene.open(bob.login, "dashboard", first);
  const carol = await scene.memberAt(acme, "dm", "Carol", first);
  const sent: Message[] = [];
  for (let n = 1; n <= 3; n += 1) sent.push(await alice.send(bob.userId, `${n}`));
  const { conversationId } = sent[0]!;

  assert.deepEqual(await bob.ask<Marked>("message:delivered", { with: alice.userId, upToSeq: 3 }), { upToSeq: 3 });
  assert.deepEqual(await bob.ask<Marked>("message:read", { with: alice.userId, upToSeq: 2 }), { upToSeq: 2, unread: 1 });
  assert.deepEqual(await bob.ask<Marked>("message:read", { with: alice.userId, upToSeq: 1 }), { upToSeq: 2, unread: 1 });
  assert.deepEqual(await bob.ask<Marked>("message:read", { with: alice.userId, upToSeq: 99 }), { upToSeq: 3, unread: 0 });

  const reads = (moved: MarkMoved[]) => moved.map(({ upToSeq }) => upToSeq);
  for (const tab of [alice, alicesDm, bobsDashboard]) {
    await tab.next<MarkMoved>("message:read", ({ upToSeq }) => upToSeq === 3);
    assert.deepEqual(reads(tab.payloads("message:read")), [2, 3], "only what rose is told");
  }
  for (const tab of [alice, alicesDm]) {
    const moved = await tab.next<MarkMoved>("message:delivered");
    assert.deepEqual({ ...moved, at: "" }, { conversationId, by: bob.userId, upToSeq: 3, at: "" });
    assert.ok(Math.abs(Date.parse(moved.at) - Date.now()) < 60_000);
  }
  await scene.fence(carol);
  assert.deepEqual(reads(bob.payloads("message:read")), [], "the socket that said it has its ack");
  for (const tab of [bob, bobsDashboard]) assert.deepEqual(tab.payloads("message:delivered"), [], "delivery is the sender's to know");
  for (const event of ["message:read", "message:delivered"]) assert.deepEqual(carol.payloads(event), []);

  const { reads: marks } = await alice.ask<Sync>("sync", { since: { [conversationId]: 3 } });
  assert.deepEqual(marks[conversationId], { myReadSeq: 0, peerReadSeq: 3, peerDeliveredSeq: 3 });
});

story("marks_with_a_peer_without_a_conversation_are_zero_and_with_a_stranger_refused", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice");
  const bob = await scene.memberAt(acme, "dm", "Bob");
  const stranger = await scene.memberAt(await scene.tenant(), "dm", "Stranger");
  assert.deepEqual(await alice.ask<Marked>("message:read", { with: bob.userId, upToSeq: 7 }), { upToSeq: 0, unread: 0 });
  assert.deepEqual(await alice.ask<Marked>("message:delivered", { with: bob.userId, upToSeq: 7 }), { upToSeq: 0 });
  for (const event of ["message:read", "message:delivered"]) {
    const unknown = await alice.refusal(event, { with: "u_nobody", upToSeq: 1 });
    assert.equal(unknown.code, "recipient_not_found");
    assert.deepEqual(await alice.refusal(event, { with: stranger.userId, upToSeq: 1 }), unknown);
    for (const upToSeq of [-1, 1.5, "1", null, undefined]) {
      const error = await alice.refusal(event, { with: bob.userId, upToSeq });
      assert.equal(error.code, "invalid_payload");
      assert.match(error.message, /upToSeq/);
    }
  }
});

story("unread_messages_are_counted_at_the_next_login_until_they_are_read", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice");
  const bob = await scene.memberAt(acme, "dm", "Bob");
  bob.close();
  for (let n = 0; n < 3; n += 1) await alice.send(bob.userId, `${n}`);
  const again = await scene.open(bob.login, "dm");
  assert.equal(again.ready.unreadTotal, 3);
  await again.ask("message:read", { with: alice.userId, upToSeq: 2 });
  const later = await scene.open(bob.login, "dashboard");
  assert.equal(later.ready.unreadTotal, 1);
});
