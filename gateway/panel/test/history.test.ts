import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RequestError } from "../src/protocol/events.ts";
import { firstNewSeq } from "../src/store/selectors.ts";
import { sinceOf } from "../src/sync/catch-up.ts";
import { createHistory } from "../src/sync/history.ts";
import { createLiveMessages } from "../src/sync/live-messages.ts";
import { createReceipts } from "../src/sync/receipts.ts";
import { fakeLink } from "./fake-link.ts";
import { arrived, message, person } from "./fixtures.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const settle = () => vi.advanceTimersByTimeAsync(0);

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
  await history.open("bob");
  expect([asked("message:history").length, loadError()]).toEqual([3, "recipient_not_found"]);
  // Heard of after all.
  link.answer = () => ({ messages: [message(1)], hasMore: true });
  store.dispatch(arrived(1));
  await settle();
  expect([asked("message:history").length, loadError()]).toEqual([4, null]);

  link.answer = () => new RequestError("unavailable", "");
  await history.loadEarlier("bob");
  link.answer = () => ({ messages: [], hasMore: false });
  await history.retry("bob");
  expect(asked("message:history").slice(4).map(({ beforeSeq }) => beforeSeq)).toEqual([1, 1]);
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

test("more new messages than a page holds are there up to the first one, before any of them is shown", async () => {
  const { context, link, store, asked, join } = fakeLink();
  const history = createHistory(context, () => {});
  join();
  const conversations = [{ conversationId: "acme:alice:bob", peer: person("bob"), lastMessage: message(1_000), unread: 550, myReadSeq: 450, peerReadSeq: 0, peerDeliveredSeq: 0 }];
  store.dispatch({ type: "conversations/listed", conversations, nextCursor: null, isMore: false });
  store.dispatch({ type: "conversation/opened", peerId: "bob" });
  const bob = () => store.getState().conversations.get("bob");
  const answer = (_name: unknown, { beforeSeq = 1_001, limit }: { beforeSeq?: number; limit: number }) => (
    { messages: Array.from({ length: limit }, (_, index) => message(beforeSeq - limit + index)), hasMore: true }
  );
  link.answer = (name, ask) => (ask.beforeSeq === 601 ? new RequestError("unavailable", "") : answer(name, ask));
  await history.open("bob");
  expect([bob()?.hasEarlier, bob()?.loadError, bob()?.messages.length]).toEqual([null, "unavailable", 1]);
  // Goes on where it was.
  link.answer = answer;
  await vi.advanceTimersByTimeAsync(3_000);
  expect(asked("message:history").map(({ beforeSeq, limit }) => [beforeSeq, limit])).toEqual([[undefined, 200], [801, 200], [601, 160], [601, 160]]);
  const held = bob();
  expect([held?.messages[0]?.seq, held?.messages.length, held && firstNewSeq(held)]).toEqual([441, 560, 451]);
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
