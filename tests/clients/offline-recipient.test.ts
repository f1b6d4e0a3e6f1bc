import assert from "node:assert/strict";
import { storiesOn } from "./story.ts";
import type { History, Message, Sync } from "./wire.ts";

const story = storiesOn({ over: ["websocket", "polling"] });

story("a_message_to_somebody_offline_is_there_at_the_next_login", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice");
  const bob = await scene.memberAt(acme, "dm", "Bob");
  const first = await alice.send(bob.userId, "are you there?");
  await bob.next("message:new");
  bob.close();
  await bob.login.logOut();
  await alice.untilOffline(bob.userId);

  const missed = [await alice.send(bob.userId, "I will wait"), await alice.send(bob.userId, "good night")];
  const back = await scene.open(await scene.logIn(bob.login.account), "dashboard");
  assert.equal(back.ready.unreadTotal, 3);
  const history = await back.ask<History>("message:history", { with: alice.userId });
  assert.deepEqual(history, { messages: [first, ...missed], hasMore: false });
  const everything = await back.ask<Sync>("sync", { since: {} });
  assert.deepEqual(everything.messages, [first, ...missed]);
  assert.equal(everything.hasMore, false);
  const newer = await back.ask<Sync>("sync", { since: { [first.conversationId]: first.seq } });
  assert.deepEqual(newer.messages, missed);
  // Nothing of it is delivered a second time.
  const answer = await alice.send(bob.userId, "there you are");
  assert.deepEqual(await back.next<Message>("message:new"), answer);
  assert.deepEqual(back.messages(), [answer]);
});

story("history_comes_in_pages", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice");
  const bob = await scene.memberAt(acme, "dm", "Bob");
  for (let n = 1; n <= 12; n += 1) await (n % 2 ? alice : bob).send(n % 2 ? bob.userId : alice.userId, `${n}`);
  const seqsOf = async (bounds: object) => {
    const { messages, hasMore } = await alice.ask<History>("message:history", { with: bob.userId, ...bounds });
    return [...messages.map(({ seq }) => seq), hasMore];
  };
  assert.deepEqual(await seqsOf({ limit: 5 }), [8, 9, 10, 11, 12, true]);
  assert.deepEqual(await seqsOf({ limit: 5, beforeSeq: 8 }), [3, 4, 5, 6, 7, true]);
  assert.deepEqual(await seqsOf({ limit: 5, beforeSeq: 3 }), [1, 2, false]);
  assert.deepEqual(await seqsOf({ limit: 5, afterSeq: 2 }), [3, 4, 5, 6, 7, true]);
  assert.deepEqual(await seqsOf({ afterSeq: 10 }), [11, 12, false]);
  assert.deepEqual(await seqsOf({ afterSeq: 4, beforeSeq: 7 }), [5, 6, false]);
});

story("a_reachable_peer_without_a_conversation_has_an_empty_history", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice");
  const bob = await scene.memberAt(acme, "dm", "Bob");
  assert.deepEqual(await alice.ask("message:history", { with: bob.userId }), { messages: [], hasMore: false });
});
