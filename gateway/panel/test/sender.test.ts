import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RequestError } from "../src/protocol/events.ts";
import { createSender } from "../src/sync/sender.ts";
import { fakeLink } from "./fake-link.ts";
import { message, ready } from "./fixtures.ts";

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
