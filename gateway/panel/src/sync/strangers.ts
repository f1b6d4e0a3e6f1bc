import type { Context } from "./context.ts";

/** Learns the name of somebody who writes out of nowhere, from the list. Once: who has no name there has none the next time either. */
export function createStrangers({ store, link }: Context, refreshList: () => Promise<void>) {
  const asked = new Map<string, Promise<void>>();

  async function ask(peerId: string): Promise<void> {
    await refreshList();
    // The list could not be had: the next message asks again.
    if (!store.getState().people.has(peerId)) asked.delete(peerId);
  }

  link.on("session:ready", () => asked.clear());

  /** Comes back when the name is known, or cannot be. */
  return async (peerId: string): Promise<void> => {
    if (store.getState().people.get(peerId)?.name) return;
    const asking = asked.get(peerId) ?? ask(peerId);
    asked.set(peerId, asking);
    await asking;
  };
}
