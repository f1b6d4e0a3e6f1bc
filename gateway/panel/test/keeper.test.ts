import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RequestError } from "../src/protocol/events.ts";
import { unreadTotal } from "../src/store/selectors.ts";
import { createKeeper, type Storage } from "../src/sync/keeper.ts";
import { createSender } from "../src/sync/sender.ts";
import { fakeLink } from "./fake-link.ts";
import { message, person, ready } from "./fixtures.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const settle = () => vi.advanceTimersByTimeAsync(0);

/** A tab's storage, and pages that are loaded in it one after the other. */
function tab() {
  const held = new Map<string, string>();
  const storage: Storage = {
    getItem: (key) => held.get(key) ?? null,
    setItem: (key, value) => void held.set(key, value),
    removeItem: (key) => void held.delete(key),
  };
  const load = () => {
    const page = fakeLink();
    createKeeper(page.context, storage, "chat");
    return { ...page, sender: createSender(page.context) };
  };
  return { held, load };
}

test("what was written and what was on its way comes back with the same id, and is sent once", async () => {
  const { held, load } = tab();
  const first = load();
  first.join();
  first.store.dispatch({ type: "presence/changed", online: [person("bob", "Bob Brandt")], offline: [] });
  first.store.dispatch({ type: "draft/changed", peerId: "erin", draft: "half a sen" });
  first.link.answer = () => new Promise(() => {});
  const id = first.sender.send("bob", "hello");
  await settle();

  const second = load();
  second.link.answer = (_name, ask) => message(1, "alice", "bob", ask.clientMessageId);
  expect(second.store.getState().outbox).toEqual([]);
  second.join();
  expect(second.store.getState().people.get("bob")?.name).toBe("Bob Brandt");
  await settle();
  expect(second.asked("message:send")).toEqual([{ to: "bob", body: "hello", clientMessageId: id }]);
  const { outbox, conversations } = second.store.getState();
  expect([outbox.length, conversations.get("bob")?.messages.length, conversations.get("erin")?.draft]).toEqual([0, 1, "half a sen"]);

  second.store.dispatch({ type: "draft/changed", peerId: "erin", draft: "" });
  expect(held.size).toBe(0);
});

test("a failed message stays failed, and nothing else counts as unread before the list is here", async () => {
  const { load } = tab();
  const first = load();
  first.join();
  first.link.answer = () => new RequestError("recipient_not_found", "");
  first.sender.send("bob", "hello");
  await settle();
  const second = load();
  second.join();
  await settle();
  expect(second.store.getState().outbox).toMatchObject([{ state: "failed", errorCode: "recipient_not_found" }]);
  expect(second.asked("message:send")).toEqual([]);
  expect(unreadTotal(second.store.getState())).toBe(7);
});

test("another user in the same tab finds nothing, and what was kept is gone", async () => {
  const { held, load } = tab();
  const first = load();
  first.join();
  first.store.dispatch({ type: "draft/changed", peerId: "bob", draft: "a secret" });
  expect([...held.values()].join()).toContain("a secret");

  const second = load();
  const mallory = ready("mallory");
  second.store.dispatch(mallory);
  if (mallory.type === "session/ready") second.push("session:ready", mallory.ready);
  expect([second.store.getState().conversations.size, held.size]).toEqual([0, 0]);

  const third = load();
  third.join();
  expect(third.store.getState().conversations.size).toBe(0);
});

test("a session that becomes another user's takes nothing along", () => {
  const { held, load } = tab();
  const page = load();
  page.join();
  page.store.dispatch({ type: "draft/changed", peerId: "bob", draft: "a secret" });
  const mallory = ready("mallory");
  page.store.dispatch(mallory);
  if (mallory.type === "session/ready") page.push("session:ready", mallory.ready);
  expect([page.store.getState().conversations.size, held.size]).toEqual([0, 0]);
});

test("rubbish in the storage and a full one do no harm", () => {
  const page = fakeLink();
  createKeeper(page.context, { getItem: () => "{", setItem: () => { throw new Error("full"); }, removeItem: () => {} }, "chat");
  page.join();
  page.store.dispatch({ type: "draft/changed", peerId: "bob", draft: "x" });
  expect(page.store.getState().conversations.get("bob")?.draft).toBe("x");
});

test("of what does not fit under the right name, only the rest is taken over", async () => {
  const outgoing = { peerId: "bob", clientMessageId: "c1", body: "hello", createdAt: "2026-11-24T10:00:00.000Z", state: "queued", errorCode: null };
  const kept = [
    {}, { outbox: 5, drafts: {}, people: "x" }, { outbox: [null], drafts: [null], people: [null] },
    { outbox: [outgoing, { ...outgoing, body: { a: 1 } }, { ...outgoing, createdAt: "soon" }], drafts: [["erin", "half"], ["dora", {}], [1, "x"]], people: [person("erin"), { ...person("dora"), name: 5 }, { ...person("dora"), lastSeenAt: "x" }] },
  ];
  const restored = kept.map((rest) => {
    const page = fakeLink();
    createKeeper(page.context, { getItem: () => JSON.stringify({ owner: "acme:alice", ...rest }), setItem: () => {}, removeItem: () => {} }, "chat");
    page.join();
    const { outbox, conversations, people } = page.store.getState();
    return [outbox.map(({ body }) => body), [...conversations].map(([id, { draft }]) => [id, draft]), [...people.keys()]];
  });
  expect(restored).toEqual([
    [[], [], ["alice"]], [[], [], ["alice"]], [[], [], ["alice"]],
    [["hello"], [["bob", ""], ["erin", "half"]], ["alice", "erin"]],
  ]);
});
