import assert from "node:assert/strict";
import { storiesOn } from "./story.ts";
import type { PresencePage, TenantsPage } from "./wire.ts";

const story = storiesOn();

story("presence_list_holds_the_tenant_and_can_be_searched_and_paged", async (scene) => {
  const acme = await scene.tenant();
  await scene.memberAt(await scene.tenant(), "dashboard", "Anna Elsewhere");
  const names = ["Anna Acker", "Bruno Ärmel", "Cleo Anders", "Dora Diaz"];
  const tabs = [];
  for (const [n, name] of names.entries()) tabs.push(await scene.memberAt(acme, n % 2 ? "dm" : "dashboard", name));
  const [anna] = tabs;
  if (!anna) throw new Error("nobody came");
  for (const { userId } of tabs) await anna.untilOnline(userId);

  const everybody = await anna.ask<PresencePage>("presence:list");
  assert.deepEqual(everybody.users.map(({ name }) => name).sort(), [...names].sort());
  assert.deepEqual([everybody.online, everybody.nextCursor], [4, null]);
  assert.deepEqual(Object.keys(everybody.users[0]!).sort(), ["id", "kind", "lastSeenAt", "name", "portals", "since", "tenantId"]);

  const found = await anna.ask<PresencePage>("presence:list", { query: "an" });
  assert.deepEqual(found.users.map(({ name }) => name).sort(), ["Anna Acker", "Cleo Anders"]);
  assert.deepEqual((await anna.ask<PresencePage>("presence:list", { query: "äRM" })).users.map(({ name }) => name), ["Bruno Ärmel"]);

  const paged: string[] = [];
  let cursor: string | null | undefined;
  do {
    const page: PresencePage = await anna.ask("presence:list", { limit: 3, ...(cursor ? { cursor } : {}) });
    assert.ok(page.users.length <= 3);
    paged.push(...page.users.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor);
  assert.deepEqual(paged.sort(), tabs.map(({ userId }) => userId).sort());
});

story("staff_list_everybody_and_can_narrow_it_to_a_tenant", async (scene) => {
  const [acme, globex] = [await scene.tenant(), await scene.tenant()];
  const alice = await scene.memberAt(acme, "dashboard", "Alice");
  const carol = await scene.memberAt(globex, "dm", "Carol");
  const mia = await scene.staffAt("Mia");
  const idsOf = async (payload: object) => (await mia.ask<PresencePage>("presence:list", payload)).users.map(({ id }) => id).sort();
  assert.deepEqual(await idsOf({ tenantId: acme }), [alice.userId]);
  assert.deepEqual(await idsOf({ tenantId: globex }), [carol.userId]);
  const all = await idsOf({ limit: 500 });
  for (const { userId } of [alice, carol, mia]) assert.ok(all.includes(userId), `${userId} is listed`);
});

story("staff_count_the_users_of_each_tenant", async (scene) => {
  const [acme, globex] = [await scene.tenant(), await scene.tenant()];
  await scene.memberAt(acme, "dashboard", "Alice");
  await scene.memberAt(acme, "dm", "Bob");
  await scene.memberAt(globex, "dm", "Carol");
  const mia = await scene.staffAt("Mia");
  const counts = new Map<string, number>();
  let cursor: string | null | undefined;
  do {
    const page: TenantsPage = await mia.ask("presence:tenants", { limit: 1, ...(cursor ? { cursor } : {}) });
    for (const { tenantId, online } of page.tenants) counts.set(tenantId, online);
    cursor = page.nextCursor;
  } while (cursor);
  assert.deepEqual([counts.get(acme), counts.get(globex)], [2, 1]);
});
