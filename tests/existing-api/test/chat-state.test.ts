import assert from "node:assert/strict";
import { test } from "node:test";
import * as chat from "../public/chat-state.js";

function message(seq: number, from = "u_bob", to = "u_alice", clientMessageId = `c${seq}`) {
  return { conversationId: "acme:u_alice:u_bob", seq, senderId: from, recipientId: to, clientMessageId, body: String(seq) };
}

function seqsOf(state: any): number[] {
  return chat.conversationWith(state, "u_bob").messages.map(({ seq }: { seq: number }) => seq);
}

test("messages_merge_by_seq_in_any_order_and_number", () => {
  const state = chat.createState("u_alice");
  assert.equal(chat.addMessages(state, [3, 1, 2, 3, 5].map((seq) => message(seq))), 4);
  assert.deepEqual(seqsOf(state), [1, 2, 3, 5]);
  assert.equal(chat.addMessages(state, [message(5), message(1)]), 0);
});

test("sync_is_told_of_nothing_beyond_a_gap", () => {
  const state = chat.createState("u_alice");
  chat.addMessages(state, [7, 8, 10].map((seq) => message(seq)));
  assert.deepEqual([chat.hasGap(state), chat.sinceOf(state)], [true, { "acme:u_alice:u_bob": 8 }]);
  chat.addMessages(state, [message(9)]);
  assert.deepEqual([chat.hasGap(state), chat.sinceOf(state)], [false, { "acme:u_alice:u_bob": 10 }]);
});

test("stored_message_takes_the_place_of_the_pending_one", () => {
  const state = chat.createState("u_alice");
  chat.addPending(state, "u_bob", "mine", "hello");
  chat.setPending(state, "u_bob", "mine", "failed");
  // A peer may use the same id for a message of its own.
  chat.addMessages(state, [message(1, "u_bob", "u_alice", "mine")]);
  assert.equal(chat.conversationWith(state, "u_bob").pending.length, 1);
  chat.addMessages(state, [message(2, "u_alice", "u_bob", "mine")]);
  assert.equal(chat.conversationWith(state, "u_bob").pending.length, 0);
});

test("conversation_opens_at_its_newest_page", () => {
  const state = chat.createState("u_alice");
  chat.addMessages(state, Array.from({ length: 120 }, (_, index) => message(index + 1)));
  chat.openConversation(state, "u_bob");
  const conversation = chat.conversationWith(state, "u_bob");
  assert.deepEqual([chat.shownMessages(conversation).length, conversation.hasEarlier], [50, true]);
  chat.addPage(state, "u_bob", { messages: [message(1), message(2)], hasMore: false });
  assert.deepEqual([chat.shownMessages(conversation).length, conversation.hasEarlier], [120, false]);
});

test("presence_diffs_are_upserts_and_keep_known_names", () => {
  const state = chat.createState("u_alice");
  chat.replaceOnline(state, [{ id: "u_bob", name: "Bob" }, { id: "u_erin", name: "Erin" }]);
  chat.applyPresenceDiff(state, { online: [{ id: "u_bob", name: null }], offline: [{ id: "u_erin" }] });
  assert.deepEqual([[...state.online.keys()], chat.nameOf(state, "u_bob"), chat.nameOf(state, "u_x")], [["u_bob"], "Bob", "u_x"]);
  chat.applyWatched(state, ["u_bob", "u_erin"], [{ id: "u_erin", name: "Erin" }]);
  assert.deepEqual([...state.online.keys()], ["u_erin"]);
});
