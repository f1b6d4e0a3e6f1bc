/** Pages of a conversation, newest first and then upward. What cannot be had now is asked for again, later each time. */
import { RequestError } from "../protocol/events.ts";
import type { Message } from "../protocol/shapes.ts";
import type { Context } from "./context.ts";

const PAGE = 50;
const PAGE_MAX = 200;
/** Read messages above the first new one, so that somebody finds the thread again. */
const BEFORE_NEW = 10;
const RETRY_MIN_MS = 3_000;
const RETRY_MAX_MS = 60_000;

export function createHistory({ store, link }: Context, onPage: (peerId: string) => void) {
  /** Peers whose last page could not be had, until it is asked for again; never by itself where that would change nothing. */
  const failed = new Map<string, ReturnType<typeof setTimeout> | undefined>();

  async function load(peerId: string, beforeSeq?: number): Promise<void> {
    // Nothing is dispatched while it waits: what is drawn anew would ask anew.
    if (failed.has(peerId) || store.getState().conversations.get(peerId)?.isLoading) return;
    await ask(peerId, beforeSeq, RETRY_MIN_MS);
  }

  /** How many messages above what was read last lie below that number. */
  function newBelow(peerId: string, seq: number | undefined): number {
    const conversation = store.getState().conversations.get(peerId);
    if (!conversation || conversation.newAfterSeq === null) return 0;
    return (seq ?? (conversation.lastMessage?.seq ?? 0) + 1) - 1 - conversation.newAfterSeq;
  }

  /** The newest page reaches to what was read last, in several requests where it must: what nobody has held is not told as read. */
  async function ask(peerId: string, beforeSeq: number | undefined, waitMs: number, messages: readonly Message[] = []): Promise<void> {
    failed.delete(peerId);
    store.dispatch({ type: "history/asked", peerId });
    try {
      for (let isWhole = false; !isWhole;) {
        const lowest = messages[0]?.seq;
        const limit = beforeSeq === undefined ? Math.min(PAGE_MAX, Math.max(PAGE, newBelow(peerId, lowest) + BEFORE_NEW)) : PAGE;
        const page = await link.request("message:history", { with: peerId, beforeSeq: lowest ?? beforeSeq, limit });
        messages = [...page.messages, ...messages];
        isWhole = beforeSeq !== undefined || !page.hasMore || page.messages.length === 0 || newBelow(peerId, messages[0]?.seq) <= 0;
        if (isWhole) store.dispatch({ type: "history/paged", peerId, messages, hasMore: page.hasMore });
      }
      onPage(peerId);
    } catch (error) {
      const { code, isWorthAnotherTry } = error instanceof RequestError ? error : new RequestError("internal", String(error));
      const again = () => {
        failed.delete(peerId);
        const state = store.getState();
        if (state.peerId === peerId && state.status.kind === "online") void ask(peerId, beforeSeq, Math.min(waitMs * 2, RETRY_MAX_MS), messages);
      };
      failed.set(peerId, isWorthAnotherTry ? setTimeout(again, waitMs) : undefined);
      store.dispatch({ type: "history/failed", peerId, errorCode: code });
    }
  }

  /** The page above what is held; the newest one where nothing is known of what lies above. */
  async function loadNext(peerId: string): Promise<void> {
    const conversation = store.getState().conversations.get(peerId);
    if (conversation?.hasEarlier !== false) await load(peerId, conversation?.hasEarlier ? conversation.messages[0]?.seq : undefined);
  }

  /** The newest page once more: nobody is told when something in it is erased. */
  async function refresh(peerId: string): Promise<void> {
    try {
      const { messages } = await link.request("message:history", { with: peerId, limit: PAGE });
      store.dispatch({ type: "gap/filled", peerId, messages });
      onPage(peerId);
    } catch {
      // What is held is still there to be read.
    }
  }

  async function open(peerId: string): Promise<void> {
    if ((store.getState().conversations.get(peerId)?.hasEarlier ?? null) === null) await retry(peerId);
    else await refresh(peerId);
  }

  // What could not be loaded while the link was away.
  link.on("session:ready", () => {
    for (const timer of failed.values()) clearTimeout(timer);
    failed.clear();
    const { peerId, conversations } = store.getState();
    if (peerId !== null && conversations.get(peerId)?.hasEarlier === null) void load(peerId);
  });

  /** At once, what has failed too: somebody asks for it. */
  async function retry(peerId: string): Promise<void> {
    clearTimeout(failed.get(peerId));
    failed.delete(peerId);
    await loadNext(peerId);
  }

  // Who could not be reached and is heard of can be now.
  store.subscribe(({ peerId, conversations }, before) => {
    if (peerId === null || !failed.has(peerId)) return;
    if (conversations.get(peerId)?.lastMessage !== before.conversations.get(peerId)?.lastMessage) void retry(peerId);
  });

  return {
    open,
    loadEarlier: loadNext,
    retry,
  };
}
