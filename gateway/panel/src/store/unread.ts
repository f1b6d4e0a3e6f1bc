/** How many messages are unread: here, and in conversations that are not held. */
import type { Message } from "../protocol/shapes.ts";
import type { Conversation, State } from "./state.ts";

export function unreadHeld({ conversations }: State): number {
  let total = 0;
  for (const { unread } of conversations.values()) total += unread;
  return total;
}

/** What the server counted at the beginning grows and falls with what is heard and read since. */
export function followStart(before: State, after: State): State {
  if (after.unreadAtStart === null || after.conversations === before.conversations) return after;
  return { ...after, unreadAtStart: Math.max(0, after.unreadAtStart + unreadHeld(after) - unreadHeld(before)) };
}

/** What a page of the list tells of is no longer elsewhere. */
export function settleElsewhere(before: State, after: State): State {
  if (after.conversationsCursor === null) return { ...after, unreadAtStart: null, unreadElsewhere: 0 };
  // A total that the server counted is better than what was reckoned since the one before.
  let elsewhere = before.unreadAtStart === null ? before.unreadElsewhere : before.unreadAtStart - unreadHeld(after);
  if (before.unreadAtStart === null) {
    for (const [peerId, { isListed, unread }] of after.conversations) {
      const known = before.conversations.get(peerId);
      if (isListed && !known?.isListed) elsewhere -= unread - (known?.unread ?? 0);
    }
  }
  return { ...after, unreadAtStart: null, unreadElsewhere: Math.max(0, elsewhere) };
}

/** Messages from the peer above the mark; each that is not held counts as one of them. */
function unreadAbove({ messages, lastMessage, peerId }: Conversation, seq: number): number {
  let count = Math.max(0, (lastMessage?.seq ?? 0) - seq);
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const message = messages[index] as Message;
    if (message.seq <= seq) break;
    if (message.senderId !== peerId) count -= 1;
  }
  return count;
}

/** `unread` is the server's count where it is known. */
export function readUpTo(before: Conversation, upToSeq: number, unread?: number): Conversation {
  if (upToSeq < before.myReadSeq) return before;
  const counted = unread ?? Math.min(before.unread, unreadAbove(before, upToSeq));
  return { ...before, myReadSeq: upToSeq, unread: counted };
}
