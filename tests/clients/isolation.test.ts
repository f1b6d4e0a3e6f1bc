import assert from "node:assert/strict";
import { storiesOn } from "./story.ts";
import type { RawLink } from "./raw-link.ts";
import type { Scene } from "./scene.ts";
import type { Tab } from "./tab.ts";
import type { History, PresencePage, Sync } from "./wire.ts";

const story = storiesOn({ over: ["websocket", "polling"], env: { REALTIME_RATE_EVENTS: "1000/1000", REALTIME_RATE_MESSAGES: "1000/1000" } });

const UNKNOWN = "u_nobody";

/** Globex is busy: people online, one who was there and left, a conversation; all with names that can be searched for. */
async function busyGlobex(scene: Scene) {
  const globex = await scene.tenant();
  const carol = await scene.memberAt(globex, "dashboard", "Carol Conti-Globex");
  const dave = await scene.memberAt(globex, "dm", "Dave Duarte-Globex");
  const gone = await scene.memberAt(globex, "dm", "Gina Gone-Globex");
  gone.close();
  await carol.untilOffline(gone.userId);
  const said = await carol.send(dave.userId, "globex secret plans");
  await dave.next("message:new");
  const traces = [globex, carol.userId, dave.userId, gone.userId, said.id, said.conversationId, "Globex", "secret plans"];
  return { globex, carol, dave, gone, said, traces };
}

async function rowsThatMention(scene: Scene, userId: string) {
  return scene.rows(
    `SELECT 'message' AS kind, id::text FROM realtime."ChatMessage" WHERE "senderId" = $1 OR "recipientId" = $1
     UNION ALL SELECT 'conversation', id FROM realtime."ChatConversation" WHERE "userA" = $1 OR "userB" = $1`,
    [userId],
  );
}

function assertClean(link: RawLink, traces: string[]): void {
  const received = link.frames.join("\n");
  for (const trace of traces) assert.ok(!received.includes(trace), `a byte of globex came through: ${trace}`);
}

async function joined(scene: Scene, acme: string): Promise<{ link: RawLink; alice: Tab }> {
  const alice = await scene.memberAt(acme, "dashboard", "Alice");
  const link = await scene.rawLink(alice.login);
  link.send('40/tenant,{"portal":"dashboard"}');
  assert.match((await link.frame("40/tenant,")) ?? "closed", /^40\/tenant,\{"sid":"[^"]{20}"\}$/);
  await link.frame('42/tenant,["presence:snapshot"');
  return { link, alice };
}

story("raw_frames_cannot_join_the_manage_namespace", async (scene) => {
  const { traces, carol } = await busyGlobex(scene);
  const alice = await scene.logIn(await scene.member(await scene.tenant()));
  const attempts = [
    '40/manage,{"portal":"manage"}',
    "40/manage,",
    '40/manage,{"portal":"manage","role":"manage","user":{"role":"manage"},"tenantId":null}',
    '40/manage?tenantId=x,{"portal":"manage"}',
    "40/manage/,",
    "40/MANAGE,",
    "40",
  ];
  for (const attempt of attempts) {
    const link = await scene.rawLink(alice);
    link.send(attempt);
    const answer = await link.frame("44");
    assert.ok(answer?.includes('"code":"forbidden"') || answer?.includes('"code":"invalid_namespace"'), `${attempt} → ${answer}`);
    // Talking on as if one had joined: either the link is closed, or nothing comes of it.
    link.send(`42/manage,1["message:send",{"to":"${carol.userId}","body":"hi","clientMessageId":"x"}]`);
    link.send('42/manage,2["presence:list",{}]');
    link.send('40/tenant,{"portal":"dashboard"}');
    await link.frame("40/tenant,");
    assertClean(link, traces);
    assert.ok(!link.frames.some((frame) => frame.startsWith("43/manage")));
    link.close();
  }
  assert.deepEqual(await rowsThatMention(scene, alice.userId), []);
});

story("raw_frames_of_another_tenant_cannot_tell_who_exists_there", async (scene) => {
  const { traces, carol, gone, dave } = await busyGlobex(scene);
  const mia = await scene.staffAt("Mia Globex-Staff");
  const { link, alice } = await joined(scene, await scene.tenant());
  const requests: [string, (userId: string) => object][] = [
    ["message:send", (to) => ({ to, body: "psst", clientMessageId: "same-for-all" })],
    ["message:history", (peer) => ({ with: peer })],
    ["message:history", (peer) => ({ with: peer, beforeSeq: 9, limit: 1 })],
    ["message:read", (peer) => ({ with: peer, upToSeq: 1 })],
    ["message:delivered", (peer) => ({ with: peer, upToSeq: 1 })],
    ["typing", (to) => ({ to, typing: true })],
    ["presence:watch", (id) => ({ userIds: [id] })],
    ["user:search", (query) => ({ query })],
    ["presence:list", (query) => ({ query })],
  ];
  for (const [event, payloadFor] of requests) {
    const answers = [];
    // Unknown last, too: what was asked before must not make a difference.
    for (const userId of [UNKNOWN, carol.userId, gone.userId, dave.userId, mia.userId, UNKNOWN]) {
      answers.push(await link.emit("/tenant", event, payloadFor(userId)));
    }
    for (const answer of answers) assert.deepEqual(answer, answers[0], event);
    if (/^message:(send|history)$/.test(event)) {
      assert.ok(answers[0] && !answers[0].ok && answers[0].error.code === "recipient_not_found", `${event}: ${JSON.stringify(answers[0])}`);
    }
  }
  assertClean(link, [...traces, mia.userId, "Mia Globex"]);
  assert.deepEqual(await rowsThatMention(scene, alice.userId), []);
  assert.deepEqual(await rowsThatMention(scene, UNKNOWN), []);
  for (const victim of [carol, dave, mia]) assert.deepEqual(victim.messages().filter(({ senderId }) => senderId === alice.userId), []);

  // The id of a refused message is free: nothing of it was remembered.
  const bob = await scene.memberAt(alice.login.account.tenantId!, "dm", "Bob");
  assert.equal((await alice.send(bob.userId, "hello", "same-for-all")).seq, 1);
  link.close();
});

story("raw_sync_and_lists_hold_nothing_of_another_tenant", async (scene) => {
  const { traces, said, globex } = await busyGlobex(scene);
  const acme = await scene.tenant();
  const bob = await scene.memberAt(acme, "dm", "Bob");
  const { link, alice } = await joined(scene, acme);
  const own = await alice.send(bob.userId, "acme's own");

  const baits = [said.conversationId, `${globex}:${alice.userId}:${said.senderId}`, `${globex}::`, ":", said.id];
  const synced = await link.emit<Sync>("/tenant", "sync", { since: Object.fromEntries(baits.map((id) => [id, 0])) });
  const known = await link.emit<Sync>("/tenant", "sync", { since: Object.fromEntries(baits.map((id) => [id.replace(globex, "t_none"), 0])) });
  assert.deepEqual(synced.ok && synced.data.messages, [own]);
  // Reads of conversations that were only guessed at are not echoed.
  assert.deepEqual(synced, known);
  const list = await link.emit<PresencePage>("/tenant", "presence:list", { limit: 500 });
  assert.deepEqual(list.ok && list.data.users.map(({ id }) => id).sort(), [alice.userId, bob.userId].sort());
  for (const tenantId of [globex, "t_none", acme]) {
    const answer = await link.emit("/tenant", "presence:list", { tenantId });
    assert.ok(!answer.ok && answer.error.code === "invalid_payload");
  }
  const history = await link.emit<History>("/tenant", "message:history", { with: bob.userId });
  assert.deepEqual(history.ok && history.data.messages, [own]);
  await link.emit("/tenant", "conversation:list", {});
  await link.emit("/tenant", "presence:tenants", {});
  assertClean(link, traces);
  link.close();
});

story("comings_and_goings_of_one_tenant_send_no_byte_to_another", async (scene) => {
  const acme = await scene.tenant();
  const { link, alice } = await joined(scene, acme);
  const from = link.frames.length;
  const { traces, carol, globex } = await busyGlobex(scene);
  carol.close();
  await scene.fence(await scene.memberAt(globex, "dashboard", "Witness-Globex"));
  // A change at home comes after all that.
  const bob = await scene.memberAt(acme, "dm", "Bob");
  await alice.untilOnline(bob.userId);
  const frame = await link.frame('42/tenant,["presence:diff"', from);
  assert.ok(frame?.includes(bob.userId), "the first thing heard is what happened at home");
  assertClean(link, traces);
  link.close();
});
