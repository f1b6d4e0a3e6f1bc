/** An operator puts the API's own users in the place of the directory: the delivered file, run beside two gateways at work. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { storiesOn } from "./story.ts";
import type { Message, Sync, User } from "./wire.ts";

const story = storiesOn({ alone: true });

const OVER_USERS = readFileSync(new URL("../../deploy/postgres/directory_over_users.sql", import.meta.url), "utf8");
const DEFINITION = `SELECT pg_get_viewdef('realtime."ChatDirectory"'::regclass) AS sql`;

type Found = { users: User[] };

story("a_colleague_who_never_opened_the_chat_is_found_and_written_to_once_the_directory_is_over_the_apis_users", async (scene) => {
  const [acme, globex] = [await scene.tenant(), await scene.tenant()];
  const [here, elsewhere] = scene.stack.gateways.map(({ url }) => url);
  // Of one name: a colleague, somebody of another tenant, and one of the staff.
  const dora = await scene.member(acme, "Dora Nimmerda");
  const stranger = await scene.member(globex, "Dora Nimmerda");
  const staffer = await scene.staff("Dora Nimmerda");
  const alice = await scene.memberAt(acme, "dashboard", "Alice", { url: here });
  const mia = await scene.staffAt("Mia", { url: elsewhere });
  const search = async (tab = alice) => (await tab.ask<Found>("user:search", { query: "nimmer" })).users;
  assert.deepEqual(await search(), [], "by default only those are found who have been there");

  await scene.rows(OVER_USERS);
  const [{ sql: replaced } = { sql: "" }] = await scene.rows<{ sql: string }>(DEFINITION);
  const found = { id: dora.id, tenantId: acme, name: dora.name, kind: "tenant", lastSeenAt: null };
  assert.deepEqual(await search(), [found]);
  const all = (await search(mia)).map(({ id, tenantId, kind }) => [id, tenantId, kind]).sort();
  assert.deepEqual(all, [[dora.id, acme, "tenant"], [stranger.id, globex, "tenant"], [staffer.id, null, "manage"]].sort(), "staff find everybody");

  const message = await alice.send(dora.id, "waits for you");
  const refused = await Promise.all(
    [stranger.id, staffer.id, "nobody"].map((to) => alice.refusal("message:send", { to, body: "hi", clientMessageId: crypto.randomUUID() })),
  );
  for (const error of refused) assert.deepEqual(error, { ...refused[0], code: "recipient_not_found" });

  for (const gateway of scene.stack.gateways) await gateway.command("migrate");
  assert.deepEqual(await scene.rows(DEFINITION), [{ sql: replaced }], "a release keeps the operator's view");
  assert.deepEqual(await search(), [found]);

  const atDora = await scene.open(await scene.logIn(dora), "dm", { url: elsewhere });
  assert.equal(atDora.ready.unreadTotal, 1);
  assert.deepEqual((await atDora.ask<Sync>("sync", { since: {} })).messages, [message]);
  const answer = await atDora.send(alice.userId, "here I am");
  assert.deepEqual(await alice.next<Message>("message:new"), answer);
  const [seen, ...others] = await search();
  assert.deepEqual([seen, others], [{ ...found, lastSeenAt: seen?.lastSeenAt }, []]);
  assert.ok(seen?.lastSeenAt, "the gateway's own knowledge shows through the operator's view");
});
