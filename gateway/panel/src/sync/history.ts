/** Pages of a conversation, newest first and then upward. What cannot be had now is asked for again, later each time. */
import type { Context } from "./context.ts";

const PAGE = 50;
const RETRY_MIN_MS = 3_000;
const RETRY_MAX_MS = 60_000;

export function createHistory({ store, link }: Context, onPage: (peerId: string) => void) {
  /** Peers whose last page could not be had, until it is asked for again. */
  const failed = new Map<string, ReturnType<typeof setTimeout>>();

  async function load(peerId: string, beforeSeq?: number): Promise<void> {
    // Nothing is dispatched while it waits: what is drawn anew would ask anew.
    if (failed.has(peerId) || store.getState().conversations.get(peerId)?.isLoading) return;
    await ask(peerId, beforeSeq, RETRY_MIN_MS);
  }

  async function ask(peerId: string, beforeSeq: number | undefined, waitMs: number): Promise<void> {
    store.dispatch({ type: "history/asked", peerId });
    try {
      const { messages, hasMore } = await link.request("message:history", { with: peerId, beforeSeq, limit: PAGE });
      store.dispatch({ type: "history/paged", peerId, messages, hasMore });
      onPage(peerId);
    } catch {
      const again = () => {
        failed.delete(peerId);
        const state = store.getState();
        if (state.peerId === peerId && state.status.kind === "online") void ask(peerId, beforeSeq, Math.min(waitMs * 2, RETRY_MAX_MS));
      };
      failed.set(peerId, setTimeout(again, waitMs));
      store.dispatch({ type: "history/failed", peerId });
    }
  }

  // What could not be loaded while the link was away.
  link.on("session:ready", () => {
    for (const timer of failed.values()) clearTimeout(timer);
    failed.clear();
    const { peerId, conversations } = store.getState();
    if (peerId !== null && conversations.get(peerId)?.hasEarlier === null) void load(peerId);
  });

  return {
    loadNewest: (peerId: string) => load(peerId),
    async loadEarlier(peerId: string): Promise<void> {
      const conversation = store.getState().conversations.get(peerId);
      if (conversation?.hasEarlier !== false) await load(peerId, conversation?.messages[0]?.seq);
    },
  };
}
