import assert from "node:assert/strict";
import { waitUntil } from "../stack/wait-until.ts";
import { storiesOn } from "./story.ts";
import type { Diff, Message } from "./wire.ts";

const story = storiesOn();

story("a_newcomer_can_be_written_to_from_another_gateway_as_soon_as_they_are_seen", async (scene) => {
  const acme = await scene.tenant();
  const [here, elsewhere] = [scene.stack.gateway(0), scene.stack.gateway(1)];
  const alice = await scene.memberAt(acme, "dashboard", "Alice", { url: here.url });
  const greetings = new Map<string, Promise<Message>>();
  alice.socket.on("presence:diff", ({ online }: Diff) => {
    for (const { id } of online) greetings.set(id, alice.send(id, "welcome"));
  });
  const bob = await scene.logIn(await scene.member(acme, "Bob"));

  const database = await scene.stack.database.connect();
  let opening;
  try {
    // What a slow disk or a cold pool does now and then.
    await database.query(`BEGIN; LOCK TABLE realtime."ChatUser" IN EXCLUSIVE MODE`);
    opening = scene.open(bob, "dm", { url: elsewhere.url });
    await waitUntil("the directory writer to be held up", async () => {
      const { rowCount } = await database.query(`SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'realtime."ChatUser"'::regclass`);
      return rowCount !== 0;
    });
    assert.equal(alice.online().has(bob.userId), false, "nobody is told of somebody who cannot be found");
  } finally {
    await database.query("ROLLBACK");
    database.release();
  }
  const atBob = await opening;
  await alice.untilOnline(bob.userId);
  const greeting = await greetings.get(bob.userId);
  assert.deepEqual(await atBob.next<Message>("message:new"), greeting);
});
