/** One message, said fifty times at once: by fifty sockets of one user, half of them at each of two gateways. */
import assert from "node:assert/strict";
import { waitUntil } from "../stack/wait-until.ts";
import type { Scene } from "./scene.ts";
import { storiesOn } from "./story.ts";
import type { Tab } from "./tab.ts";
import type { Message, Sync } from "./wire.ts";

const COPIES = 50;
const story = storiesOn({ alone: true, env: { REALTIME_MAX_SOCKETS_PER_USER: `${COPIES}` } });

/** Alice's sockets, even ones at the first gateway and odd ones at the second; and Bob's, at the second. */
async function crowd(scene: Scene): Promise<{ alices: Tab[]; bob: Tab }> {
  const urls = scene.stack.gateways.map(({ url }) => url);
  const acme = await scene.tenant();
  const bob = await scene.memberAt(acme, "dm", "Bob", { url: urls[1] });
  const login = await scene.logIn(await scene.member(acme, "Alice"));
  const alices = await Promise.all(
    Array.from({ length: COPIES }, (_, at) => scene.open(login, "dashboard", { url: urls[at % 2], reconnection: false })),
  );
  return { alices, bob };
}

async function stored(scene: Scene, senderId: string): Promise<unknown[]> {
  return scene.rows(`SELECT id, seq::int, body FROM realtime."ChatMessage" WHERE "senderId" = $1`, [senderId]);
}

story("fifty_copies_at_once_on_two_gateways_are_one_row_one_number_and_fifty_equal_answers", async (scene) => {
  const { alices, bob } = await crowd(scene);
  const clientMessageId = crypto.randomUUID();
  const answers = await Promise.all(alices.map((tab) => tab.send(bob.userId, "once", clientMessageId)));
  for (const answer of answers) assert.deepEqual(answer, answers[0]);
  const id = answers[0]?.id;
  assert.deepEqual(await stored(scene, alices[0]?.userId ?? ""), [{ id, seq: 1, body: "once" }]);

  const fence = await bob.send(alices[0]?.userId ?? "", "fence");
  for (const tab of alices) await tab.next<Message>("message:new", (message) => message.id === fence.id);
  assert.equal(fence.seq, 2, "no number was used up");
  const last = await alices[0]?.send(bob.userId, "last");
  await bob.next<Message>("message:new", (message) => message.id === last?.id);
  assert.deepEqual(bob.messages().map(({ body }) => body), ["once", "last"]);
  const heard = alices.map((tab) => tab.messages().filter((message) => message.id === id).length);
  assert.deepEqual(heard.filter((times) => times !== 1), [0], "once at each of the sender's sockets but the one that is taken for the author");
});

story("fifty_copies_of_which_half_die_with_their_gateway_in_the_middle_of_the_commit_are_one_row", async (scene) => {
  const { alices, bob } = await crowd(scene);
  const [doomed, survivor] = [scene.stack.gateway(0), scene.stack.gateway(1)];
  const [dying, living] = [0, 1].map((side) => alices.filter((_, at) => at % 2 === side)) as [Tab[], Tab[]];
  const clientMessageId = crypto.randomUUID();
  const waiting = async (writers: number) =>
    waitUntil(`${writers} writers to wait for Postgres`, async () => {
      const { rowCount } = await scene.stack.database.query(`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'realtime-gateway'`);
      return rowCount === writers;
    });

  const database = await scene.stack.database.connect();
  let lost, answers;
  try {
    await database.query(`BEGIN; LOCK TABLE realtime."ChatMessage" IN EXCLUSIVE MODE`);
    lost = Promise.allSettled(dying.map((tab) => tab.send(bob.userId, "once", clientMessageId)));
    await waiting(1);
    // Its batch is with Postgres, which carries on with it: committed, and nobody is left to tell.
    await doomed.kill("SIGKILL");
    answers = Promise.all(living.map((tab) => tab.send(bob.userId, "once", clientMessageId)));
    await waiting(2);
  } finally {
    await database.query("ROLLBACK");
    database.release();
  }
  const told = await answers;
  for (const answer of told) assert.deepEqual(answer, told[0]);
  const message = told[0] as Message;
  for (const tab of dying) await tab.until("the loss of the link", () => tab.disconnects.length > 0);

  // Those whose gateway died come back elsewhere and say it again.
  const again = await scene.open(alices[0]?.login as Tab["login"], "dashboard", { url: survivor.url });
  assert.deepEqual(await again.send(bob.userId, "once", clientMessageId), message);
  assert.deepEqual(await stored(scene, again.userId), [{ id: message.id, seq: 1, body: "once" }]);

  // Nobody published it; when the dead instance is noticed, everybody is told to ask.
  await bob.next("sync:required");
  const { messages } = await bob.ask<Sync>("sync", { since: {} });
  assert.deepEqual(messages, [message]);
  assert.deepEqual(bob.messages(), [], "whoever found the row did not announce it a second time");
  assert.equal((await again.send(bob.userId, "the next")).seq, 2);
  await lost;
  await doomed.restart();
});
