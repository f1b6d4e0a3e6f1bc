import { describe, expect, test } from "vitest";
import type { Status } from "../src/connection/status.ts";
import { presenceText } from "../src/elements/person-row.ts";
import { createNameOrder } from "../src/store/online-order.ts";
import { reduce } from "../src/store/reduce.ts";
import { isOnline, nameOf, tenantsToChoose } from "../src/store/selectors.ts";
import { outlives } from "../src/sync/early-changes.ts";
import { en } from "../src/texts/en.ts";
import { after, person } from "./fixtures.ts";

const snapshot = { type: "presence/replaced" as const, users: [person("bob", "Bob"), person("erin", "Erin")], total: 2, nextCursor: null };

test("diffs are upserts, keep known names, and tell when somebody was last seen", () => {
  const offline = [{ id: "erin", tenantId: "acme", lastSeenAt: "2026-11-24T10:05:00.000Z" }];
  const state = after(snapshot, { type: "presence/changed", online: [person("bob", null)], offline });
  expect([...state.presence.online.keys()]).toEqual(["bob"]);
  expect([nameOf(state, "bob"), nameOf(state, "nobody")]).toEqual(["Bob", "nobody"]);
  expect(state.people.get("erin")?.lastSeenAt).toBe("2026-11-24T10:05:00.000Z");
});

test("a name that nobody can see is none, and none turns what stands around it", () => {
  const state = after({ ...snapshot, users: [person("bob", " \u200b\u3164\u00ad"), person("erin", "\u202eEr\u2066in\u2069"), person("yusuf", "يوسف")] });
  expect(["bob", "erin", "yusuf"].map((id) => nameOf(state, id))).toEqual(["bob", "Erin", "يوسف"]);
  const blank = { type: "presence/changed" as const, online: [person("erin", "")], offline: [] };
  expect(nameOf(reduce(state, blank), "erin")).toBe("Erin");
});

test("the answer to a watch is the truth about those who were asked for", () => {
  const state = after(snapshot, { type: "presence/watched", userIds: ["bob", "carol"], users: [person("carol")] });
  expect([...state.presence.online.keys()]).toEqual(["erin", "carol"]);
});

test("in mode watch the server counts, in mode all the snapshot does", () => {
  const all = after(snapshot, { type: "presence/changed", online: [person("carol")], offline: [] });
  expect(all.presence.total).toBe(3);
  const watch = after(snapshot, { type: "presence/mode", mode: "watch", total: 900 }, { type: "presence/changed", online: [], offline: [] });
  expect(watch.presence.total).toBe(900);
});

test("without a link nobody is said to be online, and nobody to be offline", () => {
  const state = after({ ...snapshot, users: [person("bob")] }, { type: "status/changed", status: { kind: "online" } });
  const said = (status: Status) => ["bob", "erin"].map((id) => presenceText({ state: reduce(state, { type: "status/changed", status }), texts: en }, id));
  expect(said({ kind: "online" })).toEqual(["Online", "Offline"]);
  for (const kind of ["connecting", "offline"] as const) {
    expect(said({ kind })).toEqual(["", ""]);
    expect(isOnline(reduce(state, { type: "status/changed", status: { kind } }), "bob")).toBe(false);
  }
});

test("names stay sorted while people come, go and are renamed", () => {
  const order = createNameOrder();
  const names = (...list: [string, string][]) => order(list.map(([id, name]) => person(id, name))).map(({ name }) => name);
  expect(names(["1", "Cara"], ["2", "Abe"])).toEqual(["Abe", "Cara"]);
  expect(names(["1", "Cara"], ["2", "Abe"], ["3", "Ben"], ["4", "Zoe"])).toEqual(["Abe", "Ben", "Cara", "Zoe"]);
  expect(names(["1", "Aaron"], ["3", "Ben"], ["4", "Zoe"])).toEqual(["Aaron", "Ben", "Zoe"]);
});

describe("a change that comes before the answer of a watch", () => {
  const offlineAt = (lastSeenAt: string) => ({ id: "bob", tenantId: "acme", lastSeenAt });
  const answer = person("bob");
  const [earlier, later] = ["2026-11-24T09:00:00.000Z", "2026-11-24T11:00:00.000Z"];

  test("holds when its user was not watched before", () => {
    expect([outlives(offlineAt(earlier), answer, false), outlives(person("bob"), undefined, false)]).toEqual([true, true]);
  });

  test("holds when it is later than the answer", () => {
    expect([outlives(offlineAt(later), answer, true), outlives({ ...answer, since: later }, answer, true)]).toEqual([true, true]);
    expect([outlives(offlineAt(earlier), answer, true), outlives(answer, answer, true)]).toEqual([false, false]);
  });

  test("is overtaken when somebody had come and is gone again", () => {
    expect([outlives(answer, undefined, true), outlives(offlineAt(earlier), undefined, true)]).toEqual([false, true]);
  });
});

test("a tenant that is looked at can be chosen and left when nobody of it is online any more", () => {
  const tenants = [{ tenantId: "acme", online: 2 }];
  const choice = (...actions: Parameters<typeof after>) => tenantsToChoose(after(...actions));
  expect(choice({ type: "tenants/listed", tenants })).toEqual(tenants);
  expect(choice({ type: "tenants/listed", tenants }, { type: "tenants/filtered", tenantId: "acme" })).toEqual(tenants);
  expect(choice({ type: "tenants/listed", tenants }, { type: "tenants/filtered", tenantId: "globex" })).toEqual([...tenants, { tenantId: "globex", online: 0 }]);
});
