import { describe, expect, test } from "vitest";
import { createNameOrder } from "../src/store/online-order.ts";
import { nameOf } from "../src/store/selectors.ts";
import { outlives } from "../src/sync/early-changes.ts";
import { after, person } from "./fixtures.ts";

const snapshot = { type: "presence/replaced" as const, users: [person("bob", "Bob"), person("erin", "Erin")], total: 2, nextCursor: null };

test("diffs are upserts, keep known names, and tell when somebody was last seen", () => {
  const offline = [{ id: "erin", tenantId: "acme", lastSeenAt: "2026-11-24T10:05:00.000Z" }];
  const state = after(snapshot, { type: "presence/changed", online: [person("bob", null)], offline });
  expect([...state.presence.online.keys()]).toEqual(["bob"]);
  expect([nameOf(state, "bob"), nameOf(state, "nobody")]).toEqual(["Bob", "nobody"]);
  expect(state.people.get("erin")?.lastSeenAt).toBe("2026-11-24T10:05:00.000Z");
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
