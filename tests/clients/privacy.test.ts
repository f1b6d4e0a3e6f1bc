/** What operators do for people's privacy, on two gateways that run. */
import assert from "node:assert/strict";
import type { ConversationListPage, SessionExpired } from "@realtime/protocol";
import { waitUntil } from "../stack/wait-until.ts";
import { StoredSession } from "./stored-session.ts";
import { storiesOn } from "./story.ts";
import type { History } from "./wire.ts";

const story = storiesOn();
const storyOverUsers = storiesOn({ directory: "api" });

story("an_erased_user_is_cut_off_everywhere_and_leaves_empty_places", async (scene) => {
  const acme = await scene.tenant();
  const [first, second] = [scene.stack.gateway(0), scene.stack.gateway(1)];
  const bob = await scene.memberAt(acme, "dm", "Bob", { url: second.url });
  const alice = await scene.memberAt(acme, "dashboard", "Alice", { url: first.url });
  const elsewhere = await scene.open(alice.login, "dm", { url: second.url });
  await alice.send(bob.userId, "my secret");
  const reply = await bob.send(alice.userId, "I will keep it");
  await elsewhere.send(bob.userId, "and another one");

  // Whoever closes the last tab is missed a grace later, which must not bring the time of it back.
  const closed = await scene.open(alice.login, "dm", { url: second.url });
  closed.close();
  const line = await first.command("erase-user", alice.userId);
  const { at, ...audit } = JSON.parse(line) as Record<string, unknown>;
  assert.deepEqual(audit, { action: "erase-user", userId: alice.userId, messages: 2, directoryRows: 1 });
  assert.ok(Math.abs(Date.parse(String(at)) - Date.now()) < 60_000);

  for (const tab of [alice, elsewhere]) {
    assert.deepEqual(await tab.next<SessionExpired>("session:expired"), { reason: "revoked" });
    await tab.until("the end", () => tab.disconnects[0] === "io server disconnect");
  }
  await bob.untilOffline(alice.userId);
  const { messages } = await bob.ask<History>("message:history", { with: alice.userId });
  assert.deepEqual(messages.map(({ seq, body, erased }) => [seq, body, erased]), [[1, "", true], [2, reply.body, undefined], [3, "", true]]);
  const { conversations } = await bob.ask<ConversationListPage>("conversation:list");
  assert.deepEqual([conversations[0]?.peer.id, conversations[0]?.peer.name, conversations[0]?.peer.lastSeenAt], [alice.userId, null, null]);
});

story("pruned_messages_are_gone_and_numbers_go_on", async (scene) => {
  const acme = await scene.tenant();
  const bob = await scene.memberAt(acme, "dm", "Bob");
  const alice = await scene.memberAt(acme, "dashboard", "Alice");
  const [old, young] = [await alice.send(bob.userId, "long ago"), await alice.send(bob.userId, "of late")];
  // Its id tells its time as well.
  const ageMs = 31 * 24 * 3_600_000;
  const time = (Date.now() - ageMs).toString(16).padStart(12, "0");
  await scene.rows(`UPDATE realtime."ChatMessage" SET id = $2, "createdAt" = $3 WHERE id = $1`, [
    old.id,
    `${time.slice(0, 8)}-${time.slice(8)}${old.id.slice(13)}`,
    new Date(Date.now() - ageMs),
  ]);
  const line = await scene.stack.gateway(0).command("prune", "--older-than", "30");
  const { action, olderThanDays, messages } = JSON.parse(line) as Record<string, unknown>;
  assert.deepEqual({ action, olderThanDays, messages }, { action: "prune", olderThanDays: 30, messages: 1 });
  const next = await bob.send(alice.userId, "still counting");
  const history = await bob.ask<History>("message:history", { with: alice.userId });
  assert.deepEqual(history.messages.map(({ seq }) => seq), [young.seq, next.seq]);
  assert.deepEqual([young.seq, next.seq, history.hasMore], [2, 3, false]);
});

story("an_operator_who_errs_is_told_and_nothing_is_done", async (scene) => {
  const gateway = scene.stack.gateway(0);
  await assert.rejects(gateway.command("erase-user"), /required arguments/);
  await assert.rejects(gateway.command("erase-user", "a:b"), /invalid value/);
  for (const days of ["0", "-1", "soon"]) await assert.rejects(gateway.command("prune", `--older-than=${days}`), /invalid value/);
  await assert.rejects(gateway.command("prune"), /required arguments/);
});

story("a_user_who_moves_is_found_by_former_colleagues_no_more", async (scene) => {
  const [acme, globex] = [await scene.tenant(), await scene.tenant()];
  const alice = await scene.memberAt(acme, "dashboard", "Alice", { url: scene.stack.gateway(0).url });
  const bob = await scene.memberAt(acme, "dm", "Bob Mover", { url: scene.stack.gateway(1).url });
  await alice.send(bob.userId, "welcome");
  await new StoredSession(scene.stack.redis, bob.login).change(({ user }) => (user.tenantId = globex));
  assert.deepEqual(await bob.next<SessionExpired>("session:expired"), { reason: "changed" });
  const there = await scene.open(bob.login, "dm", { url: scene.stack.gateway(1).url });
  const rows = `SELECT "tenantId" FROM realtime."ChatUser" WHERE id = $1`;
  await waitUntil("the row of the old tenant to go", async () => (await scene.rows<{ tenantId: string }>(rows, [bob.userId])).map(({ tenantId }) => tenantId).join() === globex);
  assert.equal((await alice.refusal("message:send", { to: bob.userId, body: "still there?", clientMessageId: "m-2" })).code, "recipient_not_found");
  const { users } = await alice.ask<{ users: unknown[] }>("user:search", { query: "Bob Mover" });
  assert.deepEqual(users, []);
  assert.ok(await there.isAlive());
});

storyOverUsers("a_user_who_moves_to_another_tenant_is_out_of_reach_at_once", async (scene) => {
  const [acme, globex] = [await scene.tenant(), await scene.tenant()];
  const alice = await scene.memberAt(acme, "dashboard", "Alice", { url: scene.stack.gateway(0).url });
  const bob = await scene.memberAt(acme, "dm", "Bob", { url: scene.stack.gateway(1).url });
  await alice.send(bob.userId, "welcome");
  await scene.rows(`UPDATE "User" SET "tenantId" = $2 WHERE id = $1`, [bob.userId, globex]);
  await new StoredSession(scene.stack.redis, bob.login).change(({ user }) => (user.tenantId = globex));
  assert.deepEqual(await bob.next<SessionExpired>("session:expired"), { reason: "changed" });
  // Far within the minute for which the other gateway would have remembered him.
  await waitUntil(
    "being out of reach",
    async () => {
      const refusal = await alice.send(bob.userId, "still there?").then(() => undefined, (error: { code?: string }) => error);
      return refusal?.code === "recipient_not_found";
    },
    5_000,
  );
});
