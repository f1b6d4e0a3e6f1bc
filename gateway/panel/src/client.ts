/** The chat without an interface: a connection, a store, and the effects between them. */
import { Connection, type ConnectionOptions } from "./connection/connection.ts";
import type { PushName, Pushes } from "./protocol/events.ts";
import type { State } from "./store/state.ts";
import { createStore, type Listener } from "./store/store.ts";
import { createCatchUp } from "./sync/catch-up.ts";
import type { Context } from "./sync/context.ts";
import { createHistory } from "./sync/history.ts";
import { createKeeper, tabStorage } from "./sync/keeper.ts";
import { createLiveMessages } from "./sync/live-messages.ts";
import { onOwnerChanged } from "./sync/owner.ts";
import { createPresenceFeed } from "./sync/presence-feed.ts";
import { createReceipts } from "./sync/receipts.ts";
import { createSearch } from "./sync/search.ts";
import { createSender } from "./sync/sender.ts";
import { createStrangers } from "./sync/strangers.ts";
import { createTyping } from "./sync/typing.ts";

export type ChatClient = {
  getState(): State;
  /** Calls back after every change of the state; answers how to stop. */
  subscribe(listener: Listener): () => void;
  /** Calls back for an event of the server, the portal's own included; answers how to stop. */
  on<Name extends PushName>(name: Name, handle: (payload: Pushes[Name]) => void): () => void;
  on(name: string, handle: (payload: never) => void): () => void;
  showList(): void;
  hide(): void;
  /** Shows the conversation and loads its newest page. */
  openConversation(peerId: string): void;
  loadEarlier(peerId: string): Promise<void>;
  /** Asks at once for the page that could not be had (`loadError`). */
  retryLoading(peerId: string): Promise<void>;
  loadMoreConversations(): Promise<void>;
  loadMorePeople(): Promise<void>;
  /** Queues a message, whatever the state of the link; answers its clientMessageId. */
  send(peerId: string, body: string): string;
  /** Sends what has failed again, with the same clientMessageId. */
  retry(clientMessageId: string): void;
  /** Gives up what has failed. */
  drop(clientMessageId: string): void;
  /** What is being written, kept for each conversation. */
  setDraft(peerId: string, draft: string): void;
  setTyping(peerId: string, isTyping: boolean): void;
  /** Whose newest messages are before the user's eyes; null when nobody's are. They do not count as unread. */
  lookAt(peerId: string | null): void;
  markRead(peerId: string, upToSeq: number): void;
  /** Comes back when the name of somebody is known, or cannot be. */
  meet(peerId: string): Promise<void>;
  search(query: string): void;
  filterByTenant(tenantId: string | null): void;
  /** Connects at once, instead of at the end of a countdown. */
  retryNow(): void;
  close(): void;
};

export function connect(options: ConnectionOptions): ChatClient {
  const store = createStore();
  const connection = new Connection(options, (status) => store.dispatch({ type: "status/changed", status }));
  const context: Context = { store, link: connection };
  let lookedAt: string | null = null;

  // First, so that the effects find the session in the store.
  connection.on("session:ready", (ready) => store.dispatch({ type: "session/ready", ready, receivedAt: Date.now() }));
  // Before the sender, which finds in the outbox what the page before has left.
  createKeeper(context, tabStorage(), `realtime-chat:${options.url ?? ""}${options.path ?? "/realtime"}`);
  const catchUp = createCatchUp(context);
  const meet = createStrangers(context, catchUp.refreshList);
  const live = createLiveMessages(context, { isLookingAt: (peerId) => peerId === lookedAt, meet: (peerId) => void meet(peerId) });
  const history = createHistory(context, live.watchGap);
  const presence = createPresenceFeed(context);
  const receipts = createReceipts(context);
  const sender = createSender(context);
  const setTyping = createTyping(context);
  onOwnerChanged(store, () => { lookedAt = null; });
  connection.open();

  return {
    getState: store.getState,
    subscribe: store.subscribe,
    on: connection.on.bind(connection),
    showList: () => store.dispatch({ type: "view/shown", view: "list" }),
    hide: () => store.dispatch({ type: "view/shown", view: "closed" }),
    openConversation(peerId) {
      store.dispatch({ type: "conversation/opened", peerId });
      void history.open(peerId);
    },
    loadEarlier: history.loadEarlier,
    retryLoading: history.retry,
    loadMoreConversations: catchUp.loadMoreConversations,
    loadMorePeople: presence.loadMore,
    send(peerId, body) {
      setTyping(peerId, false);
      return sender.send(peerId, body);
    },
    retry: sender.retry,
    drop: (clientMessageId) => store.dispatch({ type: "outbox/dropped", clientMessageId }),
    setDraft: (peerId, draft) => store.dispatch({ type: "draft/changed", peerId, draft }),
    setTyping,
    lookAt(peerId) {
      lookedAt = peerId;
    },
    markRead: receipts.markRead,
    meet,
    search: createSearch(context),
    filterByTenant: (tenantId) => store.dispatch({ type: "tenants/filtered", tenantId }),
    retryNow: () => connection.retryNow(),
    close: () => connection.close(),
  };
}
