/** Everything the panel knows. Plain data that only the reducer replaces. */
import type { Status } from "../connection/status.ts";
import type { LimitsInfo, Message, OnlineUser, PresenceModeKind, TenantOnline, User } from "../protocol/shapes.ts";

/** How a message of one's own that is not stored yet fares. */
export type Outgoing = {
  peerId: string;
  clientMessageId: string;
  body: string;
  createdAt: string;
  state: "queued" | "sending" | "failed";
  /** Why it failed, as a code of the protocol. */
  errorCode: string | null;
};

export type Conversation = {
  peerId: string;
  /** Not known before the first message. */
  conversationId: string | null;
  /** Ascending by `seq`; may have gaps for a moment. */
  messages: readonly Message[];
  /** Gaps that nobody can fill: what was there has been pruned. */
  closedGaps: ReadonlyMap<number, number>;
  lastMessage: Message | null;
  /** Whether the list has told of it, and so how many are unread. */
  isListed: boolean;
  unread: number;
  myReadSeq: number;
  peerReadSeq: number;
  peerDeliveredSeq: number;
  /** Whether history goes on above what is held; null before the first page. */
  hasEarlier: boolean | null;
  isLoading: boolean;
  /** Why the page that was asked for last could not be had, as a code of the protocol. */
  loadError: string | null;
  /** The peer types until then, in milliseconds since the epoch; 0 when not. */
  typingUntil: number;
  draft: string;
  /** How far I had read when the conversation was opened with something unread in it. */
  newAfterSeq: number | null;
};

export type Presence = {
  mode: PresenceModeKind;
  online: ReadonlyMap<string, OnlineUser>;
  /** Everybody online in scope, oneself included. */
  total: number;
  /** Where the next page of people online begins; null when all are held. */
  nextCursor: string | null;
};

export type View = "closed" | "list" | "conversation";

export type Search = { query: string; results: readonly User[]; state: "idle" | "searching" | "done" | "failed" };

export type State = {
  status: Status;
  self: User | null;
  limits: LimitsInfo;
  /** What the server's clock shows more than the browser's. */
  clockOffsetMs: number;
  /** Unread messages in all conversations, as counted at the beginning of the connection; null once the list has come since. */
  unreadAtStart: number | null;
  /** Unread messages in conversations that are not held, further down the list. */
  unreadElsewhere: number;
  /** Whom we have heard of, online or not. */
  people: ReadonlyMap<string, User>;
  presence: Presence;
  /** By the peer's id. */
  conversations: ReadonlyMap<string, Conversation>;
  /** Whether the first page of conversations is here. */
  isListed: boolean;
  /** Whether the last page of conversations that was asked for could not be had. */
  hasListFailed: boolean;
  conversationsCursor: string | null;
  outbox: readonly Outgoing[];
  view: View;
  peerId: string | null;
  search: Search;
  tenants: readonly TenantOnline[];
  tenantFilter: string | null;
};

export const NOBODY: Presence = { mode: "all", online: new Map(), total: 0, nextCursor: null };

export function initialState(): State {
  return {
    status: { kind: "connecting" },
    self: null,
    limits: { bodyMax: 4_000, maxPayload: 65_536 },
    clockOffsetMs: 0,
    unreadAtStart: null,
    unreadElsewhere: 0,
    people: new Map(),
    presence: NOBODY,
    conversations: new Map(),
    isListed: false,
    hasListFailed: false,
    conversationsCursor: null,
    outbox: [],
    view: "closed",
    peerId: null,
    search: { query: "", results: [], state: "idle" },
    tenants: [],
    tenantFilter: null,
  };
}

export function emptyConversation(peerId: string): Conversation {
  return {
    peerId,
    conversationId: null,
    messages: [],
    closedGaps: new Map(),
    lastMessage: null,
    isListed: false,
    unread: 0,
    myReadSeq: 0,
    peerReadSeq: 0,
    peerDeliveredSeq: 0,
    hasEarlier: null,
    isLoading: false,
    loadError: null,
    typingUntil: 0,
    draft: "",
    newAfterSeq: null,
  };
}
