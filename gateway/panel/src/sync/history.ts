/** Pages of a conversation, newest first and then upward. */
import type { Context } from "./context.ts";

const PAGE = 50;

export function createHistory({ store, link }: Context, onPage: (peerId: string) => void) {
  async function load(peerId: string, beforeSeq?: number): Promise<void> {
    if (store.getState().conversations.get(peerId)?.isLoading) return;
    store.dispatch({ type: "history/asked", peerId });
    try {
      const { messages, hasMore } = await link.request("message:history", { with: peerId, beforeSeq, limit: PAGE });
      store.dispatch({ type: "history/paged", peerId, messages, hasMore });
      onPage(peerId);
    } catch {
      store.dispatch({ type: "history/failed", peerId });
    }
  }

  // What could not be loaded while the link was away.
  link.on("session:ready", () => {
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
