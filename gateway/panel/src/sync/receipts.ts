/** Tells what has arrived (at most once a second a conversation) and what was read. What could not be told is told after a reconnect. */
import { endOfFirstRun } from "../store/merge.ts";
import type { Conversation } from "../store/state.ts";
import type { Context } from "./context.ts";
import { onOwnerChanged } from "./owner.ts";

const DELIVERED_EVERY_MS = 1_000;

/** The peer's newest message that is here without a gap before it. */
function arrivedUpTo(conversation: Conversation): number {
  const { messages, peerId, myReadSeq } = conversation;
  const end = endOfFirstRun(conversation);
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const message = messages[index];
    if (!message || message.seq <= myReadSeq) return 0;
    if (message.seq <= end && message.senderId === peerId) return message.seq;
  }
  return 0;
}

export function createReceipts({ store, link }: Context) {
  const told = new Map<string, number>();
  const pausing = new Map<string, ReturnType<typeof setTimeout>>();
  const toRead = new Map<string, number>();
  const reading = new Set<string>();

  function tellDelivered(peerId: string): void {
    const conversation = store.getState().conversations.get(peerId);
    if (!conversation || pausing.has(peerId)) return;
    const upToSeq = arrivedUpTo(conversation);
    const before = told.get(peerId) ?? 0;
    if (upToSeq <= before) return;
    told.set(peerId, upToSeq);
    link.request("message:delivered", { with: peerId, upToSeq }).catch(() => told.set(peerId, before));
    pausing.set(peerId, setTimeout(() => {
      pausing.delete(peerId);
      tellDelivered(peerId);
    }, DELIVERED_EVERY_MS));
  }

  async function tellRead(peerId: string): Promise<void> {
    if (reading.has(peerId)) return;
    reading.add(peerId);
    try {
      for (let upToSeq = toRead.get(peerId); upToSeq !== undefined; upToSeq = toRead.get(peerId)) {
        const { unread } = await link.request("message:read", { with: peerId, upToSeq });
        if (toRead.get(peerId) === upToSeq) toRead.delete(peerId);
        store.dispatch({ type: "read/mine", peerId, upToSeq, unread });
      }
    } catch {
      // Stays in `toRead`.
    } finally {
      reading.delete(peerId);
    }
  }

  store.subscribe((state, before) => {
    if (state.conversations === before.conversations) return;
    for (const [peerId, conversation] of state.conversations) {
      if (conversation.messages !== before.conversations.get(peerId)?.messages) tellDelivered(peerId);
    }
  });
  onOwnerChanged(store, () => toRead.clear());
  link.on("session:ready", () => {
    told.clear();
    for (const peerId of store.getState().conversations.keys()) tellDelivered(peerId);
    for (const peerId of toRead.keys()) void tellRead(peerId);
  });

  return {
    markRead(peerId: string, upToSeq: number): void {
      const conversation = store.getState().conversations.get(peerId);
      if (!conversation || upToSeq <= conversation.myReadSeq) return;
      store.dispatch({ type: "read/mine", peerId, upToSeq });
      toRead.set(peerId, upToSeq);
      void tellRead(peerId);
    },
  };
}
