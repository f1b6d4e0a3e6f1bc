import assert from "node:assert/strict";
import { storiesOn } from "./story.ts";
import type { Diff, OnlineUser } from "./wire.ts";

const story = storiesOn({ over: ["websocket", "polling"] });

story("who_leaves_is_offline_after_the_grace_and_is_announced_once", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice");
  const bob = await scene.memberAt(acme, "dm", "Bob");
  await alice.untilOnline(bob.userId);

  const leftAt = Date.now();
  bob.close();
  await alice.untilOffline(bob.userId);
  const tookMs = Date.now() - leftAt;
  assert.ok(tookMs >= 900 && tookMs < 6_000, `announced after ${tookMs} ms, the grace is 1000 ms`);
  const diff = await alice.next<Diff>("presence:diff", ({ offline }) => offline.some(({ id }) => id === bob.userId));
  const gone = diff.offline.find(({ id }) => id === bob.userId);
  assert.equal(gone?.tenantId, acme);
  assert.ok(gone?.lastSeenAt && Math.abs(Date.parse(gone.lastSeenAt) - leftAt) < 5_000, `last seen ${gone?.lastSeenAt}`);

  await scene.fence(alice);
  assert.deepEqual(alice.announcements(bob.userId), ["online", "offline"]);
});

story("a_reload_within_the_grace_is_not_seen_by_anybody", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice");
  const bob = await scene.memberAt(acme, "dm", "Bob");
  await alice.untilOnline(bob.userId);

  const before = alice.received.length;
  bob.drop();
  await scene.open(bob.login, "dm");
  // The passer-by leaves later than Bob did, so their grace ends later, too.
  await scene.fence(alice);
  assert.deepEqual(alice.announcements(bob.userId, before), []);
});

story("a_user_is_online_once_however_many_tabs_are_open_and_until_the_last_one_closes", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice");
  const bob = await scene.memberAt(acme, "dashboard", "Bob");
  await alice.untilOnline(bob.userId);
  const tabs = [await scene.open(bob.login, "dm"), await scene.open(bob.login, "dm"), await scene.open(await scene.logIn(bob.login.account), "dm")];
  await alice.next<Diff>("presence:diff", ({ changed }) => changed?.some(({ id, portals }) => id === bob.userId && portals.length === 2) ?? false);

  const { users } = await alice.ask<{ users: OnlineUser[] }>("presence:list");
  assert.deepEqual(users.filter(({ id }) => id === bob.userId).map(({ portals }) => [...portals].sort()), [["dashboard", "dm"]]);

  bob.close();
  for (const tab of tabs.slice(1)) tab.close();
  await scene.fence(alice);
  assert.ok(!alice.announcements(bob.userId).includes("offline"), "one tab is still open");
  tabs[0]?.close();
  await alice.untilOffline(bob.userId);
  assert.deepEqual(alice.announcements(bob.userId).filter((kind) => kind !== "changed"), ["online", "offline"]);
});
