import assert from "node:assert/strict";
import type { Scene } from "./scene.ts";
import { storiesOn } from "./story.ts";
import type { Tab } from "./tab.ts";
import type { History, Message, OnlineUser, PresencePage, Snapshot } from "./wire.ts";

const story = storiesOn();

/** In mode `watch` staff are told changes only of those whom they name. */
async function watch(staff: Tab, userIds: string[]): Promise<OnlineUser[]> {
  return (await staff.ask<{ users: OnlineUser[] }>("presence:watch", { userIds })).users;
}

async function twoTenants(scene: Scene): Promise<[Tab, Tab]> {
  return [await scene.memberAt(await scene.tenant(), "dashboard", "Alice"), await scene.memberAt(await scene.tenant(), "dm", "Carol")];
}

story("staff_chat_with_users_of_both_tenants", async (scene) => {
  const [alice, carol] = await twoTenants(scene);
  const mia = await scene.staffAt("Mia");
  for (const member of [alice, carol]) {
    const sent = await mia.send(member.userId, `hello ${member.userId}`);
    assert.equal(sent.tenantId, member.login.account.tenantId);
    assert.ok(sent.conversationId.startsWith(`${member.login.account.tenantId}:`));
    assert.deepEqual(await member.next<Message>("message:new"), sent);
    const answer = await member.send(mia.userId, "hello Mia");
    assert.deepEqual(await mia.next<Message>("message:new", ({ senderId }) => senderId === member.userId), answer);
    assert.equal(answer.seq, 2);
    const { messages } = await member.ask<History>("message:history", { with: mia.userId });
    assert.deepEqual(messages, [sent, answer]);
  }
  // Neither tenant got a word of the other's conversation.
  for (const member of [alice, carol]) assert.equal(member.messages().length, 1);
});

story("a_tenant_user_may_answer_staff_but_not_start", async (scene) => {
  const [alice] = await twoTenants(scene);
  const bob = await scene.memberAt(alice.login.account.tenantId!, "dm", "Bob");
  const mia = await scene.staffAt("Mia");
  const unknown = await alice.refusal("message:send", { to: "u_nobody", body: "anybody?", clientMessageId: "a" });
  assert.equal(unknown.code, "recipient_not_found");
  assert.deepEqual(await alice.refusal("message:send", { to: mia.userId, body: "may I?", clientMessageId: "b" }), unknown);
  assert.deepEqual(await alice.refusal("message:history", { with: mia.userId }), await alice.refusal("message:history", { with: "u_nobody" }));

  await mia.send(alice.userId, "how can I help?");
  await alice.next("message:new");
  assert.equal((await alice.send(mia.userId, "with this")).seq, 2);
  // Having written to one of them opens nothing to their colleagues.
  assert.deepEqual(await bob.refusal("message:send", { to: mia.userId, body: "me too", clientMessageId: "c" }), unknown);
});

story("staff_chat_among_themselves", async (scene) => {
  const mia = await scene.staffAt("Mia");
  const max = await scene.staffAt("Max");
  const sent = await mia.send(max.userId, "lunch?");
  assert.equal(sent.tenantId, null);
  assert.ok(sent.conversationId.startsWith(":"));
  assert.deepEqual(await max.next<Message>("message:new"), sent);
});

story("tenant_users_do_not_see_staff", async (scene) => {
  const [alice, carol] = await twoTenants(scene);
  const mia = await scene.staffAt("Mia");
  await mia.send(alice.userId, "hello");
  await alice.next("message:new");
  for (const member of [alice, carol]) {
    assert.deepEqual([...member.online()], [member.userId]);
    const { users, online } = await member.ask<PresencePage>("presence:list");
    assert.deepEqual([users.map(({ id }) => id), online], [[member.userId], 1]);
  }
});

story("staff_follow_the_users_whom_they_watch_in_both_tenants", async (scene) => {
  const [alice, carol] = await twoTenants(scene);
  const mia = await scene.staffAt("Mia");
  assert.equal(mia.ready.presence.mode, "watch");
  assert.equal((await mia.next<Snapshot>("presence:snapshot")).complete, false);
  const online = await watch(mia, [alice.userId, carol.userId, "u_nobody"]);
  assert.deepEqual(online.map(({ id }) => id).sort(), [alice.userId, carol.userId].sort());

  const before = mia.received.length;
  carol.close();
  await mia.until("the news that Carol left", () => mia.announcements(carol.userId, before).includes("offline"));
  await scene.open(carol.login, "dashboard");
  await mia.until("the news that Carol is back", () => mia.announcements(carol.userId, before).includes("online"));
  assert.deepEqual(mia.announcements(carol.userId, before), ["offline", "online"]);
  assert.deepEqual(mia.announcements(alice.userId, before), []);
});
