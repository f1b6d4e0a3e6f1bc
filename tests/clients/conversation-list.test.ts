import assert from "node:assert/strict";
import type { ConversationListPage, UsersFound } from "@realtime/protocol";
import { storiesOn } from "./story.ts";

const story = storiesOn();

story("a_list_shows_the_latest_first_with_unread_and_last_message", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice");
  const peers = [await scene.memberAt(acme, "dm", "Bob"), await scene.memberAt(acme, "dm", "Carol"), await scene.memberAt(acme, "dm", "Dora")];
  const staff = await scene.staffAt("Mia");
  for (const peer of peers) await peer.send(alice.userId, `from ${peer.userId}`);
  const hello = await staff.send(alice.userId, "from the staff");

  const { conversations, nextCursor } = await alice.ask<ConversationListPage>("conversation:list");
  assert.equal(nextCursor, null);
  assert.deepEqual(conversations.map(({ peer }) => peer.id), [staff, ...peers.toReversed()].map(({ userId }) => userId));
  assert.deepEqual(conversations[0]?.lastMessage, hello);
  assert.deepEqual(conversations[0]?.peer, { id: staff.userId, tenantId: null, name: "Mia", kind: "manage", lastSeenAt: null });
  assert.equal(conversations[1]?.peer.name, "Dora");
  assert.ok(conversations.every(({ unread, myReadSeq }) => unread === 1 && myReadSeq === 0));

  const first = await alice.ask<ConversationListPage>("conversation:list", { limit: 3 });
  const rest = await alice.ask<ConversationListPage>("conversation:list", { limit: 3, cursor: first.nextCursor });
  assert.deepEqual([...first.conversations, ...rest.conversations], conversations);
  for (const payload of [{ limit: 0 }, { limit: 101 }, { cursor: "none of yours" }, { cursor: 5 }]) {
    assert.equal((await alice.refusal("conversation:list", payload)).code, "invalid_payload");
  }
  const theirs = await peers[0]!.ask<ConversationListPage>("conversation:list");
  assert.deepEqual(theirs.conversations.map(({ peer }) => peer.id), [alice.userId]);
});

story("a_search_finds_colleagues_by_a_part_of_the_name_and_nobody_else", async (scene) => {
  const [acme, other] = [await scene.tenant(), await scene.tenant()];
  const alice = await scene.memberAt(acme, "dashboard", "Alice");
  const offline = await scene.memberAt(acme, "dm", "Zoë 100%_Sharp");
  const namesake = await scene.memberAt(other, "dm", "Zoë 100%_Sharp");
  const staff = await scene.staffAt("Zoë of the staff");
  offline.close();
  await alice.untilOffline(offline.userId);

  const found = async (tab: typeof alice, query: string) => {
    const { users } = await tab.ask<UsersFound>("user:search", { query, limit: 50 });
    return users.map(({ id }) => id);
  };
  assert.deepEqual(await found(alice, "zo"), [offline.userId]);
  assert.deepEqual(await found(alice, "0%_s"), [offline.userId]);
  assert.deepEqual(await found(alice, "100_"), [], "nothing in it is a pattern");
  assert.deepEqual(new Set(await found(alice, "")), new Set([alice.userId, offline.userId]));
  const staffs = await found(staff, "Zoë");
  for (const tab of [offline, namesake, staff]) assert.ok(staffs.includes(tab.userId));
  for (const payload of [{}, { query: 5 }, { query: "a\u0000" }, { query: "x".repeat(201) }, { query: "a", limit: 51 }]) {
    const error = await alice.refusal("user:search", payload);
    assert.equal(error.code, "invalid_payload");
    assert.match(error.message, /query|limit/);
  }
});
