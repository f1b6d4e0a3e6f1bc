import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { delayAfter } from "../src/connection/backoff.ts";
import { RequestError } from "../src/protocol/events.ts";
import { createCatchUp, sinceOf } from "../src/sync/catch-up.ts";
import { createHistory } from "../src/sync/history.ts";
import { createLiveMessages } from "../src/sync/live-messages.ts";
import { createReceipts } from "../src/sync/receipts.ts";
import { createSearch } from "../src/sync/search.ts";
import { createSender } from "../src/sync/sender.ts";
import { createStrangers } from "../src/sync/strangers.ts";
import { createTyping } from "../src/sync/typing.ts";
import { fakeLink } from "./fake-link.ts";
import { arrived, message, person, ready } from "./fixtures.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const settle = () => vi.advanceTimersByTimeAsync(0);

test("what was written without a link is sent in order when it is there, and repeated with the same id", async () => {
  const { context, link, store, asked, join, leave } = fakeLink();
  const sender = createSender(context);
  const ids = ["one", "two"].map((body) => sender.send("bob", body));
  await settle();
  expect(asked("message:send")).toEqual([]);

  // The ack of the first one is lost with the link.
  link.answer = () => {
    leave();
    return new RequestError("no_answer", "");
  };
  join();
  await settle();
  expect(store.getState().outbox.map(({ state }) => state)).toEqual(["queued", "queued"]);

  let seq = 0;
  link.answer = (_name, ask) => message(++seq, "alice", "bob", ask.clientMessageId);
  join();
  await settle();
  expect(asked("message:send").map(({ clientMessageId }) => clientMessageId)).toEqual([ids[0], ids[0], ids[1]]);
  expect([store.getState().outbox.length, store.getState().conversations.get("bob")?.messages.length]).toEqual([0, 2]);
});

test("a page that cannot be had is asked for again later each time, however often it is wanted, and not while the link is away", async () => {
  const { context, link, store, asked, join, leave } = fakeLink();
  const history = createHistory(context, () => {});
  join();
  store.dispatch({ type: "conversation/opened", peerId: "bob" });
  link.answer = () => new RequestError("unavailable", "");
  await history.open("bob");
  const states: unknown[] = [];
  store.subscribe((state) => states.push(state));
  for (let frame = 0; frame < 100; frame += 1) await history.loadEarlier("bob");
  expect([asked("message:history").length, states.length]).toEqual([1, 0]);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(asked("message:history")).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(5_900);
  expect(asked("message:history")).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(200);
  expect(asked("message:history")).toHaveLength(3);

  leave();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked("message:history")).toHaveLength(3);
  link.answer = () => ({ messages: [message(1, "bob", "alice")], hasMore: false });
  join();
  await settle();
  expect([asked("message:history").length, store.getState().conversations.get("bob")?.hasEarlier]).toEqual([4, false]);
});

test("what could not be loaded is told with its reason, and asked for at once when somebody wants it", async () => {
  const { context, link, store, asked, join } = fakeLink();
  const history = createHistory(context, () => {});
  join();
  store.dispatch({ type: "conversation/opened", peerId: "bob" });
  const loadError = () => store.getState().conversations.get("bob")?.loadError;
  link.answer = () => new RequestError("unavailable", "");
  await history.open("bob");
  expect(loadError()).toBe("unavailable");
  link.answer = () => new RequestError("recipient_not_found", "");
  await history.retry("bob");
  expect([asked("message:history").length, loadError()]).toEqual([2, "recipient_not_found"]);
  // Nothing would change by itself.
  await vi.advanceTimersByTimeAsync(120_000);
  expect(asked("message:history")).toHaveLength(2);
  link.answer = () => ({ messages: [message(1)], hasMore: true });
  await history.open("bob");
  expect([asked("message:history").length, loadError()]).toEqual([3, null]);

  link.answer = () => new RequestError("unavailable", "");
  await history.loadEarlier("bob");
  link.answer = () => ({ messages: [], hasMore: false });
  await history.retry("bob");
  expect(asked("message:history").slice(3).map(({ beforeSeq }) => beforeSeq)).toEqual([1, 1]);
  expect(loadError()).toBeNull();
});

test("a conversation that is opened again shows what was erased meanwhile", async () => {
  const { context, link, store, asked, join } = fakeLink();
  const history = createHistory(context, () => {});
  join();
  link.answer = () => ({ messages: [message(1), message(2)], hasMore: false });
  await history.open("bob");
  link.answer = () => ({ messages: [{ ...message(1), body: "", erased: true }, message(2)], hasMore: false });
  await history.open("bob");
  expect(store.getState().conversations.get("bob")?.messages.map(({ body }) => body)).toEqual(["", "2"]);
  link.answer = () => new RequestError("unavailable", "");
  await history.open("bob");
  expect([asked("message:history").length, store.getState().conversations.get("bob")?.loadError]).toEqual([3, null]);
});

test("the first page reaches up to what was read last", async () => {
  const { context, link, store, asked, join } = fakeLink();
  const history = createHistory(context, () => {});
  join();
  const conversations = [{ conversationId: "acme:alice:bob", peer: person("bob"), lastMessage: message(130), unread: 90, myReadSeq: 30, peerReadSeq: 0, peerDeliveredSeq: 0 }];
  store.dispatch({ type: "conversations/listed", conversations, nextCursor: null, isMore: false });
  store.dispatch({ type: "conversation/opened", peerId: "bob" });
  link.answer = () => ({ messages: [message(21)], hasMore: true });
  await history.open("bob");
  await history.loadEarlier("bob");
  expect(asked("message:history").map(({ limit }) => limit)).toEqual([110, 50]);
});

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

test("one peer to whom nothing can be sent holds up nobody else", async () => {
  const { context, link, store, asked, join } = fakeLink();
  const sender = createSender(context);
  join();
  link.answer = (_name, ask) => (ask.to === "bob" ? new Promise(() => {}) : message(1, "alice", ask.to, ask.clientMessageId));
  for (const peerId of ["bob", "bob", "erin"]) sender.send(peerId, "hello");
  await settle();
  expect(asked("message:send").map(({ to }) => to)).toEqual(["bob", "erin"]);
  expect(store.getState().outbox.map(({ peerId, state }) => [peerId, state])).toEqual([["bob", "sending"], ["bob", "queued"]]);
});

test("a gap that the database could not fill is asked for again, and holds up no other one", async () => {
  const { context, link, asked, push, join } = fakeLink();
  createLiveMessages(context, { isLookingAt: () => false, meet: () => {} });
  join();
  link.answer = (_name, ask) => (ask.with === "bob" ? new RequestError("unavailable", "") : { messages: [], hasMore: false });
  for (const peer of ["bob", "erin"]) for (const seq of [1, 3]) push("message:new", message(seq, peer));
  await vi.advanceTimersByTimeAsync(600);
  expect(asked("message:history").map((ask) => ask.with)).toEqual(["bob", "erin"]);
  link.answer = (_name, { afterSeq }) => ({ messages: [message(afterSeq + 1)], hasMore: false });
  await vi.advanceTimersByTimeAsync(3_600);
  expect(asked("message:history")).toHaveLength(3);
});

test("a refusal that passes is tried again by itself, another one is shown with a way to repeat it", async () => {
  const { context, link, store, asked, join } = fakeLink();
  const sender = createSender(context);
  join();
  link.answer = () => new RequestError("rate_limited", "", 2_000);
  const id = sender.send("bob", "hello");
  await settle();
  link.answer = () => new RequestError("recipient_not_found", "");
  await vi.advanceTimersByTimeAsync(1_900);
  expect(asked("message:send")).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(200);
  expect(store.getState().outbox).toMatchObject([{ clientMessageId: id, state: "failed", errorCode: "recipient_not_found" }]);

  link.answer = (_name, ask) => message(1, "alice", "bob", ask.clientMessageId);
  sender.retry(id);
  await settle();
  expect(asked("message:send").map(({ clientMessageId }) => clientMessageId)).toEqual([id, id, id]);
  expect(store.getState().outbox).toEqual([]);
});

test("a gap is asked for when it has stayed open for 500 ms, and only then", async () => {
  const { context, link, store, asked, push, join } = fakeLink();
  createLiveMessages(context, { isLookingAt: () => false, meet: () => {} });
  join();
  for (const seq of [1, 3, 2]) push("message:new", message(seq));
  await vi.advanceTimersByTimeAsync(600);
  expect(asked("message:history")).toEqual([]);

  link.answer = () => ({ messages: [message(4), message(5)], hasMore: false });
  push("message:new", message(6));
  await vi.advanceTimersByTimeAsync(490);
  expect(asked("message:history")).toEqual([]);
  await vi.advanceTimersByTimeAsync(20);
  expect(asked("message:history")).toEqual([{ with: "bob", afterSeq: 3, beforeSeq: 6, limit: 200 }]);
  expect(store.getState().conversations.get("bob")?.messages).toHaveLength(6);
});

test("a gap that nobody can fill holds up neither the next one, nor receipts, nor sync", async () => {
  const { context, link, store, asked, push, join } = fakeLink();
  createLiveMessages(context, { isLookingAt: () => false, meet: () => {} });
  createReceipts(context);
  join();
  // What lay between 2 and 6 was pruned, and 8 was lost on the way.
  link.answer = (name, ask) => (name === "message:history" ? { messages: [5, 8].filter((seq) => seq > ask.afterSeq && seq < ask.beforeSeq).map((seq) => message(seq)), hasMore: false } : {});
  for (const seq of [1, 2, 6, 7, 9]) push("message:new", message(seq));
  await vi.advanceTimersByTimeAsync(2_000);
  expect(asked("message:history").map(({ afterSeq, beforeSeq }) => [afterSeq, beforeSeq])).toEqual([[2, 6], [2, 5], [7, 9]]);
  expect([asked("message:delivered").at(-1).upToSeq, sinceOf(store.getState())]).toEqual([9, { "acme:alice:bob": 9 }]);
  push("message:new", message(10));
  await vi.advanceTimersByTimeAsync(2_000);
  expect(asked("message:history")).toHaveLength(3);
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

test("a list that the database could not give is asked for again", async () => {
  const { context, link, asked, join } = fakeLink();
  createCatchUp(context);
  link.answer = () => new RequestError("unavailable", "");
  join();
  await settle();
  link.answer = () => ({ conversations: [], nextCursor: null });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked("conversation:list")).toHaveLength(2);
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

test("a message whose answer is about another one is given up instead of being sent for ever", async () => {
  const { context, link, store, asked, join } = fakeLink();
  const sender = createSender(context);
  join();
  // Silence after a few, so that a sender without an end is told from a test without one.
  link.answer = () => (asked("message:send").length > 5 ? new Promise(() => {}) : message(1, "alice", "bob", "another"));
  const id = sender.send("bob", "hello");
  await settle();
  expect(asked("message:send")).toHaveLength(1);
  expect(store.getState().outbox).toMatchObject([{ clientMessageId: id, state: "failed", errorCode: "internal" }]);
});

test("what I write has the time of the server's clock", () => {
  const { context, store } = fakeLink();
  const sender = createSender(context);
  const action = ready();
  if (action.type === "session/ready") store.dispatch({ ...action, receivedAt: action.receivedAt - 90_000 });
  vi.setSystemTime("2026-11-24T10:00:00.000Z");
  sender.send("bob", "hello");
  expect(store.getState().outbox[0]?.createdAt).toBe("2026-11-24T10:01:30.000Z");
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
