import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { delayAfter } from "../src/connection/backoff.ts";
import { RequestError } from "../src/protocol/events.ts";
import { conversationsByTime } from "../src/store/selectors.ts";
import { createCatchUp } from "../src/sync/catch-up.ts";
import { createHistory } from "../src/sync/history.ts";
import { createLiveMessages } from "../src/sync/live-messages.ts";
import { createReceipts } from "../src/sync/receipts.ts";
import { createSearch } from "../src/sync/search.ts";
import { createStrangers } from "../src/sync/strangers.ts";
import { createTyping } from "../src/sync/typing.ts";
import { fakeLink } from "./fake-link.ts";
import { arrived, message, person } from "./fixtures.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const settle = () => vi.advanceTimersByTimeAsync(0);

test("what one user has read is not told in the name of the next one", async () => {
  const { context, link, store, asked, join } = fakeLink();
  const receipts = createReceipts(context);
  join();
  store.dispatch(arrived(1));
  link.answer = (name) => (name === "message:read" ? new RequestError("unavailable", "") : {});
  receipts.markRead("bob", 1);
  await settle();
  join();
  await settle();
  expect(asked("message:read")).toHaveLength(2);
  join("carol");
  await settle();
  expect(asked("message:read")).toHaveLength(2);
});

test("what one user has asked, typed and missed is nobody else's", async () => {
  const { context, link, store, asked, push, join } = fakeLink();
  createCatchUp(context);
  createLiveMessages(context, { isLookingAt: () => false, meet: () => {} });
  const [search, type] = [createSearch(context), createTyping(context)];
  link.answer = (name) => (name === "conversation:list" ? { conversations: [], nextCursor: null } : { messages: [], reads: {}, hasMore: false });
  join();
  await settle();
  type("bob", true);
  push("typing", { from: "bob", typing: true });
  for (const seq of [1, 3]) push("message:new", message(seq));
  search("bo");

  join("carol");
  // As soon as she comes, and nobody has to hear that she does not type.
  type("bob", true);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked("typing")).toHaveLength(2);
  expect([asked("message:history"), asked("user:search"), asked("sync")]).toEqual([[], [], []]);
  expect(store.getState().conversations.size).toBe(0);

  type("bob", false);
  join("dora");
  type("bob", false);
  expect(asked("typing")).toHaveLength(3);
});

test("after a reconnect exactly what is missing is asked for, page by page, and typing expires", async () => {
  const { context, link, store, asked, push, join } = fakeLink();
  createCatchUp(context);
  createLiveMessages(context, { isLookingAt: () => false, meet: () => {} });
  const listed = { conversations: [], nextCursor: null };
  link.answer = (name) => (name === "conversation:list" ? listed : { messages: [], reads: {}, hasMore: false });
  join();
  await settle();
  expect(asked("sync")).toEqual([]);
  for (const seq of [1, 2]) store.dispatch(arrived(seq));

  const pages = [{ messages: [message(3)], reads: {}, hasMore: true }, { messages: [message(4)], reads: {}, hasMore: false }];
  link.answer = (name) => (name === "sync" ? pages.shift() : listed);
  push("sync:required", {});
  await settle();
  expect(asked("sync").map(({ since }) => since)).toEqual([{ "acme:alice:bob": 2 }, { "acme:alice:bob": 3 }]);
  // Clocks differ: a minute is asked for twice.
  expect(asked("sync")[0].others).toBe("2026-11-24T09:59:00.000Z");

  push("typing", { from: "bob", typing: true });
  expect(store.getState().conversations.get("bob")?.typingUntil).toBeGreaterThan(Date.now());
  await vi.advanceTimersByTimeAsync(5_000);
  expect(store.getState().conversations.get("bob")?.typingUntil).toBe(0);
});

test("a list that the database could not give is said to be missing, and asked for again, at once when somebody wants it", async () => {
  const { context, link, store, asked, join } = fakeLink();
  const { loadMoreConversations } = createCatchUp(context);
  const said = () => [store.getState().hasListFailed, store.getState().isListed];
  link.answer = () => new RequestError("unavailable", "");
  join();
  await settle();
  expect(said()).toEqual([true, false]);
  await loadMoreConversations();
  expect([asked("conversation:list").length, ...said()]).toEqual([2, true, false]);
  link.answer = () => ({ conversations: [], nextCursor: null });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(said()).toEqual([false, true]);
  expect(asked("conversation:list")).toHaveLength(3);
});

test("when the client was closed nothing is asked for any more", async () => {
  const { context, link, store, asked, join, push } = fakeLink();
  createCatchUp(context);
  const history = createHistory(context, () => {});
  createLiveMessages(context, { isLookingAt: () => false, meet: () => {} });
  link.answer = () => new RequestError("not_connected", "");
  join();
  store.dispatch({ type: "conversation/opened", peerId: "bob" });
  void history.open("bob");
  for (const seq of [1, 3]) push("message:new", message(seq, "erin"));
  await vi.advanceTimersByTimeAsync(600_000);
  expect([asked("sync").length + asked("conversation:list").length, asked("message:history").length]).toEqual([1, 2]);
});

test("a later page of the list that could not be had comes by itself", async () => {
  const { context, link, store, asked, join } = fakeLink();
  const { loadMoreConversations } = createCatchUp(context);
  link.answer = () => ({ conversations: [], nextCursor: "page 2" });
  join();
  await settle();
  link.answer = () => new RequestError("unavailable", "");
  await loadMoreConversations();
  link.answer = () => ({ conversations: [], nextCursor: null });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked("conversation:list").map(({ cursor }) => cursor)).toEqual([undefined, "page 2", "page 2"]);
  expect(store.getState().conversationsCursor).toBeNull();
});

test("a stranger's name is asked for once, and again where the list could not be had", async () => {
  const { context, link, store, asked, join } = fakeLink();
  const meet = createStrangers(context, createCatchUp(context).refreshList);
  const listed = (name: string | null) => ({
    nextCursor: null,
    conversations: [{ conversationId: "acme:alice:bob", peer: person("bob", name), lastMessage: message(1), unread: 1, myReadSeq: 0, peerReadSeq: 0, peerDeliveredSeq: 0 }],
  });
  link.answer = () => ({ conversations: [], nextCursor: null });
  join();
  await settle();
  const lists = () => asked("conversation:list").length - 1;
  link.answer = () => new RequestError("unavailable", "");
  await meet("bob");
  link.answer = () => listed(null);
  await Promise.all([meet("bob"), meet("bob")]);
  await meet("bob");
  expect(lists()).toBe(2);

  link.answer = (name) => (name === "sync" ? { messages: [], reads: {}, hasMore: false } : listed("Bob"));
  join();
  await settle();
  await meet("bob");
  expect([lists(), store.getState().people.get("bob")?.name]).toEqual([3, "Bob"]);
});

test("delivered is told at most once a second, read once and not backwards", async () => {
  const { context, link, store, asked, join } = fakeLink();
  const receipts = createReceipts(context);
  link.answer = (_name, ask) => ({ upToSeq: ask.upToSeq, unread: 0 });
  join();
  for (const seq of [1, 2, 3, 4]) store.dispatch(arrived(seq));
  await settle();
  expect(asked("message:delivered")).toEqual([{ with: "bob", upToSeq: 1 }]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked("message:delivered")).toEqual([{ with: "bob", upToSeq: 1 }, { with: "bob", upToSeq: 4 }]);

  for (const seq of [4, 4, 2]) receipts.markRead("bob", seq);
  await settle();
  expect(asked("message:read")).toEqual([{ with: "bob", upToSeq: 4 }]);
  expect(store.getState().conversations.get("bob")?.unread).toBe(0);
});

test("what was read without a link is told when it is back", async () => {
  const { context, link, store, asked, join } = fakeLink();
  const receipts = createReceipts(context);
  link.answer = () => new RequestError("not_connected", "");
  join();
  store.dispatch(arrived(1));
  receipts.markRead("bob", 1);
  await settle();
  link.answer = (_name, ask) => ({ upToSeq: ask.upToSeq, unread: 0 });
  join();
  await settle();
  expect(asked("message:read")).toEqual([{ with: "bob", upToSeq: 1 }, { with: "bob", upToSeq: 1 }]);
});

test("typing is told every three seconds, and its end once", () => {
  const { context, asked, join } = fakeLink();
  const type = createTyping(context);
  join();
  for (let key = 0; key < 10; key += 1) type("bob", true);
  vi.advanceTimersByTime(3_100);
  type("bob", true);
  type("bob", false);
  type("bob", false);
  expect(asked("typing").map(({ typing }) => typing)).toEqual([true, true, false]);
  // The server would drop it for another second.
  vi.advanceTimersByTime(900);
  type("bob", true);
  expect(asked("typing")).toHaveLength(3);
  vi.advanceTimersByTime(200);
  type("bob", true);
  expect(asked("typing")).toHaveLength(4);
});

test("attempts to connect spread out and never wait longer than half a minute", () => {
  expect([0, 1, 2, 9].map((failures) => delayAfter(failures, () => 1))).toEqual([1_000, 2_000, 4_000, 30_000]);
  expect(delayAfter(3, () => 0)).toBe(4_000);
});

test("under a filter the list goes on until somebody of that tenant is in it", async () => {
  const { context, link, store, asked, join } = fakeLink();
  const { loadMoreConversations } = createCatchUp(context);
  const page = (number: number) => ({
    conversations: [{ conversationId: `c${number}`, peer: { ...person(`u${number}`), tenantId: number % 3 === 0 ? "globex" : "acme" }, lastMessage: message(1, `u${number}`), unread: 0, myReadSeq: 1, peerReadSeq: 0, peerDeliveredSeq: 0 }],
    nextCursor: number < 7 ? String(number + 1) : null,
  });
  link.answer = (_name, { cursor }) => page(Number(cursor ?? 1));
  join();
  await settle();
  expect(asked("conversation:list")).toHaveLength(1);
  store.dispatch({ type: "tenants/filtered", tenantId: "globex" });
  await settle();
  expect(conversationsByTime(store.getState()).map(({ peerId }) => peerId)).toEqual(["u3"]);
  await loadMoreConversations();
  expect([conversationsByTime(store.getState()).length, asked("conversation:list").length]).toEqual([2, 6]);
  await loadMoreConversations();
  await loadMoreConversations();
  expect([store.getState().conversationsCursor, asked("conversation:list").length]).toEqual([null, 7]);
});
