import { storiesOn } from "./story.ts";
import type { Message } from "./wire.ts";

const story = storiesOn();

story(
  "a_newcomer_who_is_seen_online_can_be_written_to_before_the_directory_knows_them",
  async (scene) => {
    const acme = await scene.tenant();
    const [here, elsewhere] = [scene.stack.gateway(0), scene.stack.gateway(1)];
    const alice = await scene.memberAt(acme, "dashboard", "Alice", { url: here.url });
    const bob = await scene.logIn(await scene.member(acme, "Bob"));
    const database = await scene.stack.database.connect();
    try {
      // What a slow disk or a cold pool does now and then, for longer.
      await database.query(`BEGIN; LOCK TABLE realtime."ChatUser" IN EXCLUSIVE MODE`);
      const atBob = await scene.openAtOnce(bob, "dm", { url: elsewhere.url });
      await alice.untilOnline(bob.userId);
      await alice.send(bob.userId, "welcome");
      await atBob.next<Message>("message:new");
    } finally {
      await database.query("ROLLBACK");
      database.release();
    }
  },
);
