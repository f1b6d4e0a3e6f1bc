import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { nameOf } from "../src/store/selectors.ts";
import { createPresenceFeed } from "../src/sync/presence-feed.ts";
import { fakeLink } from "./fake-link.ts";
import { person, ready } from "./fixtures.ts";

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("document", { hidden: false });
  vi.stubGlobal("requestAnimationFrame", (task: () => void) => setTimeout(task, 16));
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const settle = () => vi.advanceTimersByTimeAsync(0);

test("a thousand presence changes are one change of the state", async () => {
  const { context, store, push, join } = fakeLink();
  createPresenceFeed(context);
  join();
  let changes = 0;
  store.subscribe(() => { changes += 1; });
  for (let index = 0; index < 1_000; index += 1) push("presence:diff", { online: [person(`u${index % 600}`)], offline: [] });
  push("presence:diff", { online: [], offline: [{ id: "u0", tenantId: "acme", lastSeenAt: null }] });
  await vi.advanceTimersByTimeAsync(20);
  expect([changes, store.getState().presence.online.size]).toEqual([1, 599]);
});

/** Staff, or a member of a large tenant: the server tells changes of those who are named only. */
function watching() {
  const fake = fakeLink();
  const feed = createPresenceFeed(fake.context);
  fake.link.answer = (name) => (name === "presence:list" ? { users: [person("bob")], online: 2, nextCursor: null } : { users: [] });
  fake.join();
  const online = () => [...fake.store.getState().presence.online.keys()];
  const watch = () => fake.push("presence:mode", { mode: "watch", online: 2 });
  return { ...fake, feed, online, watch };
}

test("a change that comes before the answer of a watch is not lost", async () => {
  const { link, push, online, watch, store } = watching();
  let answer = (_users: unknown) => {};
  const usual = link.answer;
  link.answer = (name, ask) => (name === "presence:watch" ? new Promise((resolve) => { answer = (users) => resolve({ users }); }) : usual(name, ask));
  watch();
  await settle();
  push("presence:diff", { online: [], offline: [{ id: "bob", tenantId: "acme", lastSeenAt: "2026-11-24T10:30:00.000Z" }] });
  await vi.advanceTimersByTimeAsync(20);
  answer([person("bob")]);
  await settle();
  expect(online()).toEqual([]);
  expect(store.getState().people.get("bob")?.lastSeenAt).toBe("2026-11-24T10:30:00.000Z");

  // From now on Bob is watched: an arrival that the answer does not know any more is older than that.
  watch();
  await settle();
  push("presence:diff", { online: [person("bob")], offline: [] });
  answer([]);
  // Within the frame that would have drawn it.
  await vi.advanceTimersByTimeAsync(20);
  expect(online()).toEqual([]);
});

test("people online are read again as far as somebody has scrolled, and a dot never goes out meanwhile", async () => {
  const { link, asked, feed, online, watch, store } = watching();
  const people = Array.from({ length: 800 }, (_, index) => person(`u${index}`));
  const friend = person("zoe");
  link.answer = (name, { cursor = "0", limit, userIds = [] }) => {
    if (name === "presence:watch") return { users: [...people, friend].filter(({ id }) => userIds.includes(id)) };
    const [from, to] = [Number(cursor), Number(cursor) + limit];
    return { users: people.slice(from, to), online: 801, nextCursor: to < people.length ? `${to}` : null };
  };
  store.dispatch({ type: "conversation/opened", peerId: "zoe" });
  watch();
  await settle();
  expect([online().length, online().includes("zoe")]).toEqual([101, true]);
  let lowest = Number.POSITIVE_INFINITY;
  store.subscribe(({ presence }) => { lowest = Math.min(lowest, presence.online.has("zoe") ? presence.online.size : -1); });
  watch();
  await settle();
  expect(lowest).toBe(101);
  await feed.loadMore();
  expect(online().length).toBe(201);
  expect(asked("presence:list").map(({ limit }) => limit)).toEqual([100, 100, 100]);
});

test("who is found by a search is watched, and shown online where it is so", async () => {
  const { link, store, asked, online, watch } = watching();
  const usual = link.answer;
  link.answer = (name, ask) => (name === "presence:watch" ? { users: ask.userIds.filter((id: string) => id === "zoe").map((id: string) => person(id)) } : usual(name, ask));
  watch();
  await settle();
  store.dispatch({ type: "search/asked", query: "zo" });
  store.dispatch({ type: "search/answered", query: "zo", results: [person("zoe", "Zoe Zander")] });
  expect(nameOf(store.getState(), "zoe")).toBe("Zoe Zander");
  await settle();
  expect(asked("presence:watch").at(-1).userIds).toContain("zoe");
  expect(online()).toContain("zoe");
});

test("staff hear of every tenant, however many pages", async () => {
  const { link, store, watch } = watching();
  const tenants = Array.from({ length: 1_100 }, (_, index) => ({ tenantId: `t${index}`, online: 1 }));
  const usual = link.answer;
  link.answer = (name, ask) => {
    if (name !== "presence:tenants") return usual(name, ask);
    const from = Number(ask.cursor ?? 0);
    return { tenants: tenants.slice(from, from + ask.limit), nextCursor: from + ask.limit < tenants.length ? `${from + ask.limit}` : null };
  };
  const action = ready("mia");
  if (action.type === "session/ready") store.dispatch({ ...action, ready: { ...action.ready, self: { ...action.ready.self, kind: "manage" } } });
  watch();
  await settle();
  expect(store.getState().tenants).toHaveLength(1_100);
});
