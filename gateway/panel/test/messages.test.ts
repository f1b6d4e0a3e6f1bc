import { describe, expect, test } from "vitest";
import { endOfFirstRun, firstGap, mergeMessages } from "../src/store/merge.ts";
import { reduce } from "../src/store/reduce.ts";
import { deliveryOf, firstNewSeq, unreadTotal } from "../src/store/selectors.ts";
import type { State } from "../src/store/state.ts";
import { after, arrived, bobOf, message, person, ready } from "./fixtures.ts";

const seqsOf = (messages: readonly { seq: number }[]) => messages.map(({ seq }) => seq);
const outgoing = { peerId: "bob", clientMessageId: "mine", body: "hello", createdAt: "2026-11-24T10:00:00.000Z", state: "queued" as const, errorCode: null };

describe("order", () => {
  test("messages merge by seq in any order and number", () => {
    const held = [3, 1, 2, 3, 5].reduce((all, seq) => mergeMessages(all, [message(seq)]), [] as readonly ReturnType<typeof message>[]);
    expect(seqsOf(held)).toEqual([1, 2, 3, 5]);
    expect(mergeMessages(held, [message(5), message(1)])).toBe(held);
    expect(seqsOf(mergeMessages([], [message(2), message(2), message(1)]))).toEqual([1, 2]);
  });

  test("an erased message takes the place of what it was", () => {
    const erased = { ...message(1), body: "", erased: true as const };
    expect(mergeMessages([message(1)], [erased])).toEqual([erased]);
    // An answer may be older than what is known.
    expect(mergeMessages([erased], [message(1)])).toEqual([erased]);
  });

  test("the list tells that the last message was erased", () => {
    const erased = { ...message(2), body: "", erased: true as const };
    const summary = { conversationId: "acme:alice:bob", peer: person("bob"), lastMessage: erased, unread: 0, myReadSeq: 2, peerReadSeq: 0, peerDeliveredSeq: 0 };
    const state = after(arrived(1), arrived(2), { type: "conversations/listed", conversations: [summary], nextCursor: null, isMore: false });
    expect([bobOf(state).messages, bobOf(state).lastMessage]).toEqual([[message(1), erased], erased]);
  });

  test("the lowest gap is found, and sync is told of nothing beyond it", () => {
    const held = (...seqs: number[]) => ({ messages: seqs.map((seq) => message(seq)), closedGaps: new Map<number, number>() });
    const gapped = held(7, 8, 10, 12);
    expect(firstGap(gapped)).toEqual({ afterSeq: 8, beforeSeq: 10 });
    expect(endOfFirstRun(gapped)).toBe(8);
    expect(firstGap(held(7, 8, 9))).toBeNull();
    expect(endOfFirstRun(held())).toBe(0);

    gapped.closedGaps.set(8, 10);
    expect([firstGap(gapped), endOfFirstRun(gapped)]).toEqual([{ afterSeq: 10, beforeSeq: 12 }, 10]);
    gapped.closedGaps.set(10, 12);
    expect([firstGap(gapped), endOfFirstRun(gapped)]).toEqual([null, 12]);
  });
});

describe("unread", () => {
  test("what arrives counts once, and not while it is looked at", () => {
    const state = after(arrived(1), arrived(1), arrived(2, "bob", true), arrived(3, "alice"));
    expect(bobOf(state).unread).toBe(1);
    // Seven were there at the beginning.
    expect(unreadTotal(state)).toBe(8);
  });

  test("a late message below the newest one is not counted a second time by sync", () => {
    const state = after(arrived(1), { type: "messages/synced", messages: [message(1), message(2)], reads: {} });
    expect(bobOf(state).unread).toBe(2);
  });

  test("another tab of mine that reads takes the badge away here", () => {
    const read = { type: "marks/read" as const, conversationId: "acme:alice:bob", by: "alice", upToSeq: 2 };
    expect(bobOf(after(arrived(1), arrived(2), arrived(3), read)).unread).toBe(1);
    // Of what is not held it is known how many there are.
    const listed = {
      type: "conversations/listed" as const, nextCursor: null, isMore: false,
      conversations: [{ conversationId: "acme:alice:bob", peer: person("bob"), lastMessage: message(120), unread: 80, myReadSeq: 40, peerReadSeq: 0, peerDeliveredSeq: 0 }],
    };
    expect([60, 120].map((upToSeq) => bobOf(after(listed, { ...read, upToSeq })).unread)).toEqual([60, 0]);
    expect(bobOf(after(arrived(1), arrived(2, "alice"), arrived(3), { ...read, upToSeq: 1 })).unread).toBe(1);
    // Marks only grow.
    expect(bobOf(after(arrived(1), arrived(2), arrived(3), read, { ...read, upToSeq: 1 })).myReadSeq).toBe(2);
  });

  test("the server's total stands until the conversations are here", () => {
    expect(unreadTotal(after())).toBe(7);
    expect(unreadTotal(after(arrived(1), { type: "read/mine", peerId: "bob", upToSeq: 1 }))).toBe(7);
    expect(unreadTotal(after({ type: "conversations/listed", conversations: [], nextCursor: null, isMore: false }))).toBe(0);
  });

  describe("in conversations further down the list", () => {
    const list = (unread: Record<string, number>, nextCursor: string | null, isMore = false) => ({
      type: "conversations/listed" as const, nextCursor, isMore,
      conversations: Object.entries(unread).map(([id, count]) => ({
        conversationId: `acme:alice:${id}`, peer: person(id), lastMessage: message(5 + count, id), unread: count, myReadSeq: 5, peerReadSeq: 0, peerDeliveredSeq: 0,
      })),
    });

    test("counts until it is told of", () => {
      const first = after(list({ bob: 2, erin: 1 }, "page 2"));
      expect(unreadTotal(first)).toBe(7);
      expect(unreadTotal(reduce(first, { type: "read/mine", peerId: "bob", upToSeq: 7, unread: 0 }))).toBe(5);
      const second = reduce(first, list({ tom: 3 }, "page 3", true));
      expect([unreadTotal(second), second.unreadElsewhere]).toEqual([7, 1]);
      expect(unreadTotal(reduce(second, list({ zoe: 0 }, null, true)))).toBe(6);
    });

    test("is counted once when one of them writes, and the list is asked for again", () => {
      const first = after(list({ bob: 2 }, "page 2"));
      const heard = reduce(first, { type: "message/arrived", message: message(8, "tom"), isSeen: false });
      expect(unreadTotal(heard)).toBe(8);
      // Two more of Tom's were unread before.
      expect(unreadTotal(reduce(heard, list({ tom: 3, bob: 2 }, "page 2")))).toBe(8);
    });

    test("is not what somebody has written whom the list knew", () => {
      const first = after(list({ bob: 2 }, "page 2"));
      expect(unreadTotal(reduce(first, list({ bob: 3 }, "page 2")))).toBe(8);
    });

    test("is counted anew with every connection", () => {
      const again = reduce(after(list({ bob: 2 }, "page 2")), ready());
      expect(unreadTotal(reduce(again, list({ bob: 4 }, "page 2")))).toBe(7);
    });
  });

  test("an answer of the list that is older than what I have read and heard changes nothing", () => {
    const summary = (seq: number, unread: number, myReadSeq: number) => ({
      type: "conversations/listed" as const, nextCursor: null, isMore: false,
      conversations: [{ conversationId: "acme:alice:bob", peer: person("bob"), lastMessage: message(seq), unread, myReadSeq, peerReadSeq: 0, peerDeliveredSeq: 0 }],
    });
    const read = after(arrived(1), arrived(2), { type: "read/mine", peerId: "bob", upToSeq: 2 }, summary(2, 2, 0));
    expect(bobOf(read).unread).toBe(0);
    expect(bobOf(after(arrived(1), summary(1, 1, 0), arrived(2), summary(1, 1, 0))).unread).toBe(2);
  });

  test("the first page again does not take away how far somebody has scrolled", () => {
    const state = after(
      { type: "conversations/listed", conversations: [], nextCursor: "page 2", isMore: false },
      { type: "conversations/listed", conversations: [], nextCursor: "page 3", isMore: true },
      { type: "conversations/listed", conversations: [], nextCursor: "page 2", isMore: false },
    );
    expect(state.conversationsCursor).toBe("page 3");
  });
});

describe("outbox", () => {
  test("the stored message takes the place of the one that was sent, whichever way it comes", () => {
    const sent = after({ type: "outbox/added", outgoing });
    expect(sent.outbox).toHaveLength(1);
    // A peer may use the same id for a message of its own.
    const peers = reduce(sent, { type: "message/arrived", message: message(1, "bob", "alice", "mine"), isSeen: false });
    expect(peers.outbox).toHaveLength(1);
    for (const type of ["outbox/stored", "message/arrived"] as const) {
      const stored = reduce(peers, { type, message: message(2, "alice", "bob", "mine"), isSeen: false });
      expect([stored.outbox.length, seqsOf(bobOf(stored).messages)]).toEqual([0, [1, 2]]);
    }
  });

  test("sent, delivered, read", () => {
    const mine = message(1, "alice", "bob");
    const mark = { conversationId: mine.conversationId, by: "bob", upToSeq: 1 };
    const sent = after({ type: "outbox/stored", message: mine });
    const delivered = reduce(sent, { type: "marks/delivered", ...mark });
    const read = reduce(delivered, { type: "marks/read", ...mark });
    expect([sent, delivered, read].map((state) => deliveryOf(bobOf(state), mine))).toEqual(["sent", "delivered", "read"]);
  });
});

describe("the marker of new messages", () => {
  const open = { type: "conversation/opened" as const, peerId: "bob" };
  const markerOf = (state: State) => firstNewSeq(bobOf(state));
  const summary = (unread: number, myReadSeq: number) => ({
    type: "conversations/listed" as const, nextCursor: null, isMore: false,
    conversations: [{ conversationId: "acme:alice:bob", peer: person("bob"), lastMessage: message(9), unread, myReadSeq, peerReadSeq: 0, peerDeliveredSeq: 0 }],
  });
  const page = (from: number, hasMore: boolean) => ({
    type: "history/paged" as const, peerId: "bob", hasMore,
    messages: Array.from({ length: 10 - from }, (_, index) => message(from + index, from + index === 6 ? "alice" : "bob", from + index === 6 ? "bob" : "alice")),
  });

  test("stands before the first unread one, and stays", () => {
    const opened = after(summary(2, 7), open, page(1, false));
    expect(markerOf(opened)).toBe(8);
    const read = reduce(opened, { type: "read/mine", peerId: "bob", upToSeq: 9 });
    // A second click on the same name is no new opening.
    expect([markerOf(read), markerOf(reduce(read, open))]).toEqual([8, 8]);
    const again = [{ type: "view/shown" as const, view: "list" as const }, open].reduce(reduce, read);
    expect(markerOf(again)).toBeNull();
  });

  test("waits for the first page where only the last message is held", () => {
    const opened = after(summary(4, 5), open);
    expect(markerOf(opened)).toBeNull();
    expect(markerOf(reduce(opened, page(2, true)))).toBe(7);
  });

  test("waits for an earlier page where the unread ones begin above the first", () => {
    const opened = after(summary(8, 1), open, page(4, true));
    expect(markerOf(opened)).toBeNull();
    expect(markerOf(reduce(opened, page(1, false)))).toBe(2);
  });

  test("comes before what arrives in the open conversation while nobody looks, and moves when that was read", () => {
    const whole = { type: "history/paged" as const, peerId: "bob", messages: [], hasMore: false };
    const read = (upToSeq: number) => ({ type: "read/mine" as const, peerId: "bob", upToSeq });
    const looked = after(arrived(1), read(1), open, whole, arrived(2, "bob", true), read(2));
    expect(markerOf(looked)).toBeNull();
    const away = [arrived(3), arrived(4)].reduce(reduce, looked);
    expect(markerOf(away)).toBe(3);
    expect(markerOf([read(4), arrived(5)].reduce(reduce, away))).toBe(5);
    expect(markerOf([{ type: "view/shown" as const, view: "list" as const }, arrived(3)].reduce(reduce, looked))).toBeNull();
  });

  test("is there too where the conversation was opened before anything was known of it", () => {
    expect(markerOf(after(open, summary(4, 5), page(2, true)))).toBe(7);
    expect(markerOf(after(open, page(2, true), summary(4, 5)))).toBe(7);
    expect(markerOf(after(open, page(2, true), summary(0, 9)))).toBeNull();
    // Of somebody who writes out of nowhere it is not known what was read.
    const heard = after(arrived(9), open, page(2, true));
    expect([markerOf(heard), markerOf(reduce(heard, summary(4, 5)))]).toEqual([null, 7]);
  });
});

test("drafts are kept for each conversation", () => {
  const state = after({ type: "draft/changed", peerId: "bob", draft: "one" }, { type: "draft/changed", peerId: "erin", draft: "two" });
  expect([...state.conversations.values()].map(({ draft }) => draft)).toEqual(["one", "two"]);
});

test("another user in the same browser finds nothing of the one before", () => {
  const state = reduce(after(arrived(1), { type: "outbox/added", outgoing }), ready("mallory"));
  expect([state.conversations.size, state.outbox.length, state.peerId]).toEqual([0, 0, null]);
});

test("a search never finds oneself", () => {
  const state = after({ type: "search/asked", query: "a" }, { type: "search/answered", query: "a", results: [person("alice"), person("anna")] });
  expect(state.search.results.map(({ id }) => id)).toEqual(["anna"]);
});

test("an answer to an older search is dropped", () => {
  const state = after({ type: "search/asked", query: "li" }, { type: "search/asked", query: "lin" }, { type: "search/answered", query: "li", results: [] });
  expect(state.search.state).toBe("searching");
});
