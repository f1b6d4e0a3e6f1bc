/** `message:new`, marks and typing go into the store; a gap in the numbers that stays open is asked for. */
import { isLive } from "../connection/status.ts";
import { RequestError } from "../protocol/events.ts";
import { firstGap, type Gap } from "../store/merge.ts";
import type { Context } from "./context.ts";
import { onOwnerChanged } from "./owner.ts";

const GAP_PATIENCE_MS = 500;
const RETRY_MS = 3_000;
const TYPING_MS = 5_000;
const PAGE = 200;

type Timer = ReturnType<typeof setTimeout>;
type Looking = { isLookingAt(peerId: string): boolean; meet(peerId: string): void };

export function createLiveMessages({ store, link }: Context, { isLookingAt, meet }: Looking) {
  const typing = new Map<string, Timer>();
  /** Peers whose gap will be, or is being, asked for. */
  const waiting = new Map<string, Timer>();

  function gapOf(peerId: string): Gap | null {
    const conversation = store.getState().conversations.get(peerId);
    return conversation ? firstGap(conversation) : null;
  }

  async function fill(peerId: string): Promise<void> {
    for (let gap = gapOf(peerId); gap; gap = gapOf(peerId)) {
      const { messages, hasMore } = await link.request("message:history", { with: peerId, ...gap, limit: PAGE });
      if (messages.length > 0) store.dispatch({ type: "gap/filled", peerId, messages });
      else if (!hasMore) store.dispatch({ type: "gap/closed", peerId, gap });
      else break;
    }
  }

  function watchGap(peerId: string, patienceMs = GAP_PATIENCE_MS): void {
    if (waiting.has(peerId) || !gapOf(peerId)) return;
    waiting.set(peerId, setTimeout(() => {
      fill(peerId).then(
        () => waiting.delete(peerId),
        (error) => {
          waiting.delete(peerId);
          // Without a link there is a sync to come.
          if (error instanceof RequestError && error.isWorthAnotherTry && isLive(store.getState().status)) watchGap(peerId, RETRY_MS);
        },
      );
    }, patienceMs));
  }

  link.on("message:new", (message) => {
    const { self } = store.getState();
    const peerId = message.senderId === self?.id ? message.recipientId : message.senderId;
    store.dispatch({ type: "message/arrived", message, isSeen: isLookingAt(peerId) });
    watchGap(peerId);
    meet(peerId);
  });
  link.on("message:delivered", ({ conversationId, by, upToSeq }) => store.dispatch({ type: "marks/delivered", conversationId, by, upToSeq }));
  link.on("message:read", ({ conversationId, by, upToSeq }) => store.dispatch({ type: "marks/read", conversationId, by, upToSeq }));
  link.on("typing", ({ from, typing: isTyping }) => {
    clearTimeout(typing.get(from));
    store.dispatch({ type: "typing/told", peerId: from, until: isTyping ? Date.now() + TYPING_MS : 0 });
    if (isTyping) typing.set(from, setTimeout(() => store.dispatch({ type: "typing/told", peerId: from, until: 0 }), TYPING_MS));
  });

  onOwnerChanged(store, () => {
    for (const timer of [...typing.values(), ...waiting.values()]) clearTimeout(timer);
    typing.clear();
    waiting.clear();
  });

  return { watchGap: (peerId: string) => watchGap(peerId) };
}
