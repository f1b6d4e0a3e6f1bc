import assert from "node:assert/strict";
import { storiesOn } from "./story.ts";
import type { Message } from "./wire.ts";

const story = storiesOn();

story("a_resend_answers_the_first_message_stores_one_row_and_delivers_once", async (scene) => {
  const acme = await scene.tenant();
  const [first, second] = scene.stack.gateways.map(({ url }) => url);
  const alice = await scene.memberAt(acme, "dashboard", "Alice", { url: first });
  const bob = await scene.memberAt(acme, "dm", "Bob");
  const elsewhere = await scene.open(alice.login, "dashboard", { url: second });

  const clientMessageId = crypto.randomUUID();
  const original = await alice.send(bob.userId, "once", clientMessageId);
  assert.deepEqual(await alice.send(bob.userId, "once", clientMessageId), original);
  assert.deepEqual(await elsewhere.send(bob.userId, "whatever the body", clientMessageId), original);
  await bob.send(alice.userId, "heard you");
  await elsewhere.next<Message>("message:new", ({ body }) => body === "heard you");

  const rows = await scene.rows(`SELECT id FROM realtime."ChatMessage" WHERE "senderId" = $1 AND "clientMessageId" = $2`, [alice.userId, clientMessageId]);
  assert.deepEqual(rows, [{ id: original.id }]);
  const fence = await alice.send(bob.userId, "fence");
  await bob.next<Message>("message:new", ({ body }) => body === "fence");
  assert.deepEqual(bob.messages().map(({ body }) => body), ["once", "fence"]);
  assert.equal(fence.seq, 3);
});

story("resends_that_race_on_two_gateways_store_one_row", async (scene) => {
  const acme = await scene.tenant();
  const urls = scene.stack.gateways.map(({ url }) => url);
  const bob = await scene.memberAt(acme, "dm", "Bob");
  const login = await scene.logIn(await scene.member(acme, "Alice"));
  const tabs = await Promise.all([0, 1, 2, 3].map((n) => scene.open(login, "dashboard", { url: urls[n % urls.length] })));

  for (let round = 1; round <= 5; round += 1) {
    const clientMessageId = crypto.randomUUID();
    const answers = await Promise.all(tabs.map((tab) => tab.send(bob.userId, `round ${round}`, clientMessageId)));
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
    assert.equal(answers[0]?.seq, round);
  }
  await bob.next<Message>("message:new", ({ seq }) => seq === 5);
  assert.deepEqual(bob.messages().map(({ seq }) => seq), [1, 2, 3, 4, 5]);
});

story("the_same_client_message_id_to_somebody_else_is_refused", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice");
  const bob = await scene.memberAt(acme, "dm", "Bob");
  const erin = await scene.memberAt(acme, "dm", "Erin");
  await alice.send(bob.userId, "for Bob", "id-1");
  const { code } = await alice.refusal("message:send", { to: erin.userId, body: "for Erin", clientMessageId: "id-1" });
  assert.equal(code, "invalid_payload");
  // Ids are the sender's own: somebody else may use the same one.
  assert.equal((await bob.send(erin.userId, "from Bob", "id-1")).seq, 1);
});
