/** Conversations: messages, marks, what is unread. */
import type { ConversationSummary, Message, ReadMarks } from "../protocol/shapes.ts";
import type { MessageAction } from "./actions.ts";
import { mergeMessages } from "./merge.ts";
import { knowPeople } from "./people.ts";
import { emptyConversation, type Conversation, type State } from "./state.ts";
import { followStart, readUpTo, settleElsewhere } from "./unread.ts";

export function changeConversation(state: State, peerId: string, change: (before: Conversation) => Conversation): State {
  const before = state.conversations.get(peerId) ?? emptyConversation(peerId);
  const after = change(before);
  if (after === before && state.conversations.has(peerId)) return state;
  return { ...state, conversations: new Map(state.conversations).set(peerId, after) };
}

function peerOf(state: State, message: Message): string {
  return message.senderId === state.self?.id ? message.recipientId : message.senderId;
}

function byId(state: State, conversationId: string): Conversation | undefined {
  for (const conversation of state.conversations.values()) {
    if (conversation.conversationId === conversationId) return conversation;
  }
  return undefined;
}

function latest(held: Message | null, message: Message | undefined): Message | null {
  return message && (!held || message.seq >= held.seq) ? message : held;
}

/** Adds what arrived; what I wrote and have stored leaves the outbox in the same step, so that it is never shown twice. */
export function addMessages(state: State, messages: readonly Message[]): State {
  const byPeer = new Map<string, Message[]>();
  for (const message of messages) {
    const peerId = peerOf(state, message);
    byPeer.set(peerId, [...(byPeer.get(peerId) ?? []), message]);
  }
  let next = state;
  for (const [peerId, arrived] of byPeer) {
    next = changeConversation(next, peerId, (before) => {
      const merged = mergeMessages(before.messages, arrived);
      return {
        ...before,
        conversationId: (arrived[0] as Message).conversationId,
        messages: merged,
        lastMessage: latest(before.lastMessage, merged.at(-1)),
      };
    });
  }
  const mine = new Set(messages.filter(({ senderId }) => senderId === state.self?.id).map(({ clientMessageId }) => clientMessageId));
  if (!next.outbox.some(({ clientMessageId }) => mine.has(clientMessageId))) return next;
  return { ...next, outbox: next.outbox.filter(({ clientMessageId }) => !mine.has(clientMessageId)) };
}

/** Of messages that nobody has counted yet, those that I have not read. */
function countUnread(state: State, messages: readonly Message[]): State {
  let next = state;
  for (const message of messages) {
    if (message.senderId === state.self?.id) continue;
    next = changeConversation(next, message.senderId, (before) => (
      message.seq > before.myReadSeq ? { ...before, unread: before.unread + 1 } : before
    ));
  }
  return next;
}

/** In the open conversation, while nobody looks: the marker goes before the first message that comes. */
function markBegin(state: State, { senderId, seq }: Message): State {
  if (state.view !== "conversation" || state.peerId !== senderId) return state;
  return changeConversation(state, senderId, (before) => (before.unread > 0 ? before : { ...before, newAfterSeq: seq - 1 }));
}

function isHeld(state: State, message: Message): boolean {
  const conversation = state.conversations.get(peerOf(state, message));
  return conversation !== undefined && (conversation.lastMessage?.seq ?? 0) >= message.seq;
}

function withMarks(before: Conversation, marks: ReadMarks): Conversation {
  return {
    ...before,
    myReadSeq: Math.max(before.myReadSeq, marks.myReadSeq),
    peerReadSeq: Math.max(before.peerReadSeq, marks.peerReadSeq),
    peerDeliveredSeq: Math.max(before.peerDeliveredSeq, marks.peerDeliveredSeq),
  };
}

function listed(state: State, summary: ConversationSummary): State {
  const { peer, lastMessage, conversationId, unread, myReadSeq } = summary;
  const isOpen = state.view === "conversation" && state.peerId === peer.id;
  return changeConversation(state, peer.id, (before) => ({
    ...withMarks(before, summary),
    conversationId,
    isListed: true,
    // What came or was read meanwhile is not in it.
    unread: before.myReadSeq > myReadSeq || (before.lastMessage?.seq ?? 0) > (lastMessage?.seq ?? 0) ? before.unread : unread,
    // Opened before anything was known of it.
    newAfterSeq: before.newAfterSeq ?? (isOpen && !before.isListed && unread > 0 ? myReadSeq : null),
    // What is held already is joined by sync, without a gap; it may have been erased since.
    messages: lastMessage && (before.messages.length === 0 || isHeld(state, lastMessage)) ? mergeMessages(before.messages, [lastMessage]) : before.messages,
    lastMessage: latest(before.lastMessage, lastMessage ?? undefined),
  }));
}

export function reduceConversations(state: State, action: MessageAction): State {
  switch (action.type) {
    case "message/arrived": {
      const { message, isSeen } = action;
      const isNew = !isHeld(state, message);
      const next = addMessages(isNew && !isSeen ? markBegin(state, message) : state, [message]);
      const counted = isNew && !isSeen ? countUnread(next, [message]) : next;
      // Who has just written does not type any more.
      const heard = message.senderId === state.self?.id ? counted : changeConversation(counted, message.senderId, (before) => ({ ...before, typingUntil: 0 }));
      return followStart(state, heard);
    }
    case "messages/synced": {
      const fresh = action.messages.filter((message) => !isHeld(state, message));
      let next = addMessages(state, action.messages);
      for (const [conversationId, marks] of Object.entries(action.reads)) {
        const conversation = byId(next, conversationId);
        if (conversation) next = changeConversation(next, conversation.peerId, (before) => readUpTo(withMarks(before, marks), marks.myReadSeq));
      }
      return countUnread(next, fresh);
    }
    case "history/asked":
      return changeConversation(state, action.peerId, (before) => ({ ...before, isLoading: true, loadError: null }));
    case "history/failed":
      return changeConversation(state, action.peerId, (before) => ({ ...before, isLoading: false, loadError: action.errorCode }));
    case "history/paged":
      return changeConversation(addMessages(state, action.messages), action.peerId, (before) => ({
        ...before,
        isLoading: false,
        hasEarlier: action.hasMore,
      }));
    case "gap/filled":
      return addMessages(state, action.messages);
    case "gap/closed":
      return changeConversation(state, action.peerId, (before) => ({
        ...before,
        closedGaps: new Map(before.closedGaps).set(action.gap.afterSeq, action.gap.beforeSeq),
      }));
    case "conversations/listed": {
      const people = knowPeople(state.people, action.conversations.map(({ peer }) => peer));
      // The first page again is no reason to forget how far somebody has scrolled.
      const conversationsCursor = action.isMore || !state.isListed ? action.nextCursor : state.conversationsCursor;
      const start: State = { ...state, people, isListed: true, hasListFailed: false, conversationsCursor };
      return settleElsewhere(state, action.conversations.reduce(listed, start));
    }
    case "conversations/failed":
      return { ...state, hasListFailed: true };
    case "marks/delivered": {
      const conversation = byId(state, action.conversationId);
      if (!conversation || action.by !== conversation.peerId) return state;
      return changeConversation(state, conversation.peerId, (before) => ({
        ...before,
        peerDeliveredSeq: Math.max(before.peerDeliveredSeq, action.upToSeq),
      }));
    }
    case "marks/read": {
      const conversation = byId(state, action.conversationId);
      if (!conversation) return state;
      return followStart(state, changeConversation(state, conversation.peerId, (before) => {
        if (action.by !== conversation.peerId) return readUpTo(before, action.upToSeq);
        const peerReadSeq = Math.max(before.peerReadSeq, action.upToSeq);
        return { ...before, peerReadSeq, peerDeliveredSeq: Math.max(before.peerDeliveredSeq, peerReadSeq) };
      }));
    }
    case "read/mine":
      return followStart(state, changeConversation(state, action.peerId, (before) => readUpTo(before, action.upToSeq, action.unread)));
    case "typing/told":
      return changeConversation(state, action.peerId, (before) => ({ ...before, typingUntil: action.until }));
  }
}
