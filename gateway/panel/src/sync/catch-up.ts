/** After every `session:ready` and `sync:required`: exactly what was missed, then the list of conversations. */
import { isLive } from "../connection/status.ts";
import { RequestError } from "../protocol/events.ts";
import type { State } from "../store/state.ts";
import { endOfFirstRun } from "../store/merge.ts";
import { conversationsByTime } from "../store/selectors.ts";
import { serial, type Context } from "./context.ts";
import { onOwnerChanged } from "./owner.ts";

const SINCE_MAX = 500;
const PAGE = 500;
const CONVERSATIONS = 50;
const RETRY_MS = 3_000;
/** Clocks of instances differ, and a message may be older than its arrival. What comes twice is known by its number. */
const MARGIN_MS = 60_000;

/** Up to where each conversation is held without a gap. */
export function sinceOf(state: State): Record<string, number> {
  const held = [...state.conversations.values()].filter(({ conversationId, messages }) => conversationId && messages.length > 0);
  const latest = held.length > SINCE_MAX ? conversationsByTime({ ...state, tenantFilter: null }).slice(0, SINCE_MAX) : held;
  return Object.fromEntries(latest.flatMap((conversation) => (
    conversation.conversationId ? [[conversation.conversationId, endOfFirstRun(conversation)] as const] : []
  )));
}

export function createCatchUp({ store, link }: Context) {
  /** Until when, by the server's clock, conversations that are not held are known to be complete. */
  let knownUntil: string | undefined;
  let readyAt = "";
  const retrying = new Map<() => Promise<void>, ReturnType<typeof setTimeout>>();

  async function synchronise(): Promise<void> {
    const others = knownUntil === undefined ? "none" : new Date(Date.parse(knownUntil) - MARGIN_MS).toISOString();
    // At the very beginning nothing is held that could have grown old.
    for (let hasMore = knownUntil !== undefined || Object.keys(sinceOf(store.getState())).length > 0; hasMore;) {
      const since = sinceOf(store.getState());
      const answer = await link.request("sync", { since, others, limit: PAGE });
      store.dispatch({ type: "messages/synced", messages: answer.messages, reads: answer.reads });
      // No progress would ask for the same page for ever.
      hasMore = answer.hasMore && JSON.stringify(sinceOf(store.getState())) !== JSON.stringify(since);
    }
  }

  async function list(cursor?: string): Promise<void> {
    const { conversations, nextCursor } = await link.request("conversation:list", { cursor, limit: CONVERSATIONS });
    store.dispatch({ type: "conversations/listed", conversations, nextCursor, isMore: cursor !== undefined });
  }

  const refreshList = serial(() => list());
  const loadMoreConversations: () => Promise<void> = serial(async () => {
    if (!store.getState().isListed) return catchUp();
    const shown = () => conversationsByTime(store.getState()).length;
    const before = shown();
    try {
      // A page may hold nobody of the tenant that is looked at.
      for (let cursor; shown() === before && (cursor = store.getState().conversationsCursor) !== null;) await list(cursor);
    } catch (error) {
      again(error, loadMoreConversations);
    }
  });

  /** A link that is gone begins anew by itself; a database that is away has to be asked again. */
  function again(error: unknown, task: () => Promise<void>): void {
    if (!(error instanceof RequestError) || !error.isWorthAnotherTry || !isLive(store.getState().status)) return;
    store.dispatch({ type: "conversations/failed" });
    clearTimeout(retrying.get(task));
    retrying.set(task, setTimeout(() => void task(), RETRY_MS));
  }

  const catchUp: () => Promise<void> = serial(async () => {
    const until = readyAt;
    try {
      await synchronise();
      await list();
      knownUntil = until;
    } catch (error) {
      again(error, catchUp);
    }
  });

  // The next user's conversations are unknown from the beginning.
  onOwnerChanged(store, () => { knownUntil = undefined; });
  link.on("session:ready", ({ serverTime }) => {
    readyAt = serverTime;
    void catchUp();
  });
  store.subscribe(({ tenantFilter }, before) => {
    if (tenantFilter !== null && tenantFilter !== before.tenantFilter) void loadMoreConversations();
  });
  link.on("sync:required", () => void catchUp());

  return {
    refreshList,
    loadMoreConversations,
  };
}
