// Written from the Rust types; do not edit. After a change there: REGENERATE_TYPESCRIPT=1 cargo test -p shared-protocol typescript

/**
 * A moment, cut to the millisecond that the wire and the database keep.
 */
export type Timestamp = string;

/**
 * A user of the platform: 1 to 64 visible ASCII characters without `:`. One id names one person across the platform.
 */
export type UserId = string;

/**
 * A tenant: 1 to 64 visible ASCII characters without `:`.
 */
export type TenantId = string;

/**
 * `<tenantId>:<min>:<max>`: the two user ids by byte order, the tenant empty between two manage users.
 */
export type ConversationId = string;

/**
 * The client's own name for a message, which makes a resend recognisable: 1 to 64 visible ASCII characters.
 */
export type ClientMessageId = string;

/**
 * What a session is, told by its role alone.
 */
export type Kind = "tenant" | "manage";

/**
 * The page that a socket was opened from.
 */
export type Portal = "manage" | "dashboard" | "dm";

/**
 * Codes of refused events and of CONNECT_ERROR's `data.code`.
 */
export type ErrorCode = "unauthorized" | "session_expired" | "forbidden" | "invalid_namespace" | "too_many_sockets" | "invalid_payload" | "body_too_long" | "recipient_not_found" | "rate_limited" | "unavailable" | "unknown_event" | "internal";

/**
 * A refused event: it answers that one event and keeps the socket.
 */
export type AckError = { 
/**
 * What went wrong, for programs.
 */
code: ErrorCode, 
/**
 * What went wrong, for people. Never holds internals or anything about another tenant.
 */
message: string, 
/**
 * Milliseconds after which the same event may be sent again.
 */
retryAfterMs?: number, };

/**
 * The one argument of every ack: `{ ok: true, data }` or `{ ok: false, error }`.
 */
export type Reply<T> = { 
/**
 * Always `true`.
 */
ok: true, 
/**
 * The event's own answer.
 */
data: T, } | { 
/**
 * Always `false`.
 */
ok: false, 
/**
 * Why.
 */
error: AckError, };

/**
 * An object without fields: `sync:required`, and the answer of `typing`.
 */
export type Nothing = Record<string, never>;

/**
 * A person, online or not.
 */
export type User = { 
/**
 * Who.
 */
id: UserId, 
/**
 * Their tenant; `null` for manage users.
 */
tenantId: TenantId | null, 
/**
 * Display name, when the session carries one.
 */
name: string | null, 
/**
 * Member of a tenant, or staff.
 */
kind: Kind, 
/**
 * When they last went offline; `null` when never seen.
 */
lastSeenAt: Timestamp | null, };

/**
 * A person who is online now.
 */
export type OnlineUser = { 
/**
 * The portals they have open, over all tabs and instances, sorted.
 */
portals: Array<Portal>, 
/**
 * When they came online.
 */
since: Timestamp, 
/**
 * Who.
 */
id: UserId, 
/**
 * Their tenant; `null` for manage users.
 */
tenantId: TenantId | null, 
/**
 * Display name, when the session carries one.
 */
name: string | null, 
/**
 * Member of a tenant, or staff.
 */
kind: Kind, 
/**
 * When they last went offline; `null` when never seen.
 */
lastSeenAt: Timestamp | null, };

/**
 * A person who has just gone offline.
 */
export type OfflineUser = { 
/**
 * Who.
 */
id: UserId, 
/**
 * Their tenant; `null` for manage users.
 */
tenantId: TenantId | null, 
/**
 * When they were last there.
 */
lastSeenAt: Timestamp, };

/**
 * A chat message. `seq` counts 1, 2, 3 … without a gap inside one conversation.
 */
export type Message = { 
/**
 * UUID version 7, made by the gateway.
 */
id: string, 
/**
 * Whose conversation.
 */
conversationId: ConversationId, 
/**
 * Place in the conversation, from 1.
 */
seq: number, 
/**
 * The tenant of the tenant user(s); `null` between two manage users.
 */
tenantId: TenantId | null, 
/**
 * Who wrote it.
 */
senderId: UserId, 
/**
 * To whom.
 */
recipientId: UserId, 
/**
 * The text as it was sent; empty once erased.
 */
body: string, 
/**
 * The sender's own name for it.
 */
clientMessageId: ClientMessageId, 
/**
 * When it was stored.
 */
createdAt: Timestamp, 
/**
 * Present and `true` when its text was erased.
 */
erased?: true, };

/**
 * A conversation as one of its two participants sees it.
 */
export type Conversation = { 
/**
 * Which.
 */
conversationId: ConversationId, 
/**
 * The other participant.
 */
peer: User, 
/**
 * The latest message.
 */
lastMessage: Message | null, 
/**
 * The peer's messages that the caller has not read.
 */
unread: number, 
/**
 * The caller has read up to here.
 */
myReadSeq: number, 
/**
 * The peer has read up to here.
 */
peerReadSeq: number, 
/**
 * The peer's devices hold up to here.
 */
peerDeliveredSeq: number, };

/**
 * How far both sides of a conversation have come.
 */
export type ReadMarks = { 
/**
 * The caller has read up to here.
 */
myReadSeq: number, 
/**
 * The peer has read up to here.
 */
peerReadSeq: number, 
/**
 * The peer's devices hold up to here.
 */
peerDeliveredSeq: number, };

/**
 * One tenant with somebody online.
 */
export type TenantOnline = { 
/**
 * Which.
 */
tenantId: TenantId, 
/**
 * How many.
 */
online: number, };

/**
 * `message:send`. Texts stay unparsed here: the handler tells which field is wrong. Borrowed from the wire's text.
 */
export type SendRequest = { 
/**
 * The recipient's user id.
 */
to: string, 
/**
 * The text.
 */
body: string, 
/**
 * The client's own name for the message.
 */
clientMessageId: string, };

/**
 * `message:history`: ascending by `seq`; the newest page when no bound is given, both bounds make an open interval.
 */
export type HistoryRequest = { 
/**
 * The peer's user id.
 */
with: string, 
/**
 * Only messages with a smaller `seq`.
 */
beforeSeq?: number | null, 
/**
 * Only messages with a greater `seq`.
 */
afterSeq?: number | null, 
/**
 * Messages a page.
 */
limit?: number | null, };

/**
 * Answer of `message:history`.
 */
export type HistoryPage = { 
/**
 * Ascending by `seq`.
 */
messages: Array<Message>, 
/**
 * Whether more lie beyond the page, in the direction asked.
 */
hasMore: boolean, };

/**
 * `message:read` and `message:delivered`: monotone, and clamped to the last message.
 */
export type MarkRequest = { 
/**
 * The peer's user id.
 */
with: string, 
/**
 * The highest `seq` read, or held.
 */
upToSeq: number, };

/**
 * Answer of `message:read`.
 */
export type ReadAnswer = { 
/**
 * Where the mark stands now.
 */
upToSeq: number, 
/**
 * Messages of the peer that lie beyond it.
 */
unread: number, };

/**
 * Answer of `message:delivered`.
 */
export type DeliveredAnswer = { 
/**
 * Where the mark stands now.
 */
upToSeq: number, };

/**
 * `conversation:list`: latest first.
 */
export type ConversationListRequest = { 
/**
 * Where the last page ended.
 */
cursor?: string | null, 
/**
 * Conversations a page.
 */
limit?: number | null, };

/**
 * Answer of `conversation:list`.
 */
export type ConversationListPage = { 
/**
 * Latest first.
 */
conversations: Array<Conversation>, 
/**
 * Where the next page begins; `null` on the last one.
 */
nextCursor: string | null, };

/**
 * What `sync` does about conversations that the client did not name.
 */
export type SyncOthers = "all" | "none" | Timestamp;

/**
 * `sync`: everything newer than what the client holds.
 */
export type SyncRequest = { 
/**
 * The highest `seq` that the client holds, by conversation.
 */
since: { [key in string]: number }, 
/**
 * What to do about conversations that `since` does not name.
 */
others?: SyncOthers | null, 
/**
 * Messages a page.
 */
limit?: number | null, };

/**
 * Answer of `sync`.
 */
export type SyncPage = { 
/**
 * Ascending by `seq` in each conversation.
 */
messages: Array<Message>, 
/**
 * Marks of the conversations concerned.
 */
reads: { [key in ConversationId]: ReadMarks }, 
/**
 * Call again with an advanced `since`.
 */
hasMore: boolean, };

/**
 * `typing`, from a client.
 */
export type TypingRequest = { 
/**
 * The peer's user id.
 */
to: string, 
/**
 * Whether they write.
 */
typing: boolean, };

/**
 * `presence:list`.
 */
export type PresenceListRequest = { 
/**
 * Part of the name, whatever the case.
 */
query?: string | null, 
/**
 * Only that tenant; in `/manage` alone.
 */
tenantId?: string | null, 
/**
 * Where the last page ended.
 */
cursor?: string | null, 
/**
 * Users a page.
 */
limit?: number | null, };

/**
 * Answer of `presence:list`.
 */
export type PresenceListPage = { 
/**
 * Online users, by tenant and id.
 */
users: Array<OnlineUser>, 
/**
 * How many are online in scope, whatever the query.
 */
online: number, 
/**
 * Where the next page begins; `null` on the last one.
 */
nextCursor: string | null, };

/**
 * `presence:tenants`, for staff.
 */
export type PresenceTenantsRequest = { 
/**
 * Where the last page ended.
 */
cursor?: string | null, 
/**
 * Tenants a page.
 */
limit?: number | null, };

/**
 * Answer of `presence:tenants`.
 */
export type PresenceTenantsPage = { 
/**
 * By id.
 */
tenants: Array<TenantOnline>, 
/**
 * Where the next page begins; `null` on the last one.
 */
nextCursor: string | null, };

/**
 * `presence:watch`: replaces the socket's earlier list.
 */
export type PresenceWatchRequest = { 
/**
 * Whom to watch.
 */
userIds: Array<string>, };

/**
 * Answer of `presence:watch`.
 */
export type PresenceWatched = { 
/**
 * Who of the watched is online now.
 */
users: Array<OnlineUser>, };

/**
 * `user:search`: the directory in the caller's scope, offline users included.
 */
export type UserSearchRequest = { 
/**
 * Part of the name, whatever the case.
 */
query: string, 
/**
 * Users at most.
 */
limit?: number | null, };

/**
 * Answer of `user:search`.
 */
export type UsersFound = { 
/**
 * By name.
 */
users: Array<User>, };

/**
 * See [`PresenceMode`].
 */
export type PresenceModeKind = "all" | "watch";

/**
 * How presence is told to a socket.
 */
export type PresenceMode = { 
/**
 * Everybody, or only those watched.
 */
mode: PresenceModeKind, 
/**
 * Users online in the socket's scope.
 */
online: number, };

/**
 * Bounds that a client should know before it hits them.
 */
export type LimitsInfo = { 
/**
 * Unicode scalar values in a message's body.
 */
bodyMax: number, 
/**
 * Bytes of one Engine.IO packet from the client.
 */
maxPayload: number, };

/**
 * `session:ready`: the first event of a socket that has just joined.
 */
export type SessionReady = { 
/**
 * Who the gateway takes this socket for.
 */
self: User, 
/**
 * The portal it was opened from.
 */
portal: Portal, 
/**
 * The server's clock.
 */
serverTime: Timestamp, 
/**
 * Unread messages in all conversations; `null` while the database is away.
 */
unreadTotal: number | null, 
/**
 * How presence will be told.
 */
presence: PresenceMode, 
/**
 * What the client must keep to.
 */
limits: LimitsInfo, };

/**
 * How a session ended.
 */
export type SessionEndReason = "expired" | "revoked" | "changed";

/**
 * `session:expired`, followed by DISCONNECT.
 */
export type SessionExpired = { 
/**
 * Why.
 */
reason: SessionEndReason, };

/**
 * `presence:snapshot`: who is online at the moment of joining.
 */
export type PresenceSnapshot = { 
/**
 * Everybody in scope, or the first of them.
 */
users: Array<OnlineUser>, 
/**
 * How many are online in scope.
 */
online: number, 
/**
 * Whether `users` is everybody.
 */
complete: boolean, };

/**
 * `presence:diff`: the net changes of one window, to be applied as upserts.
 */
export type PresenceDiff = { 
/**
 * Who came.
 */
online: Array<OnlineUser>, 
/**
 * Who left.
 */
offline: Array<OfflineUser>, 
/**
 * Who is still here with other portals or another name.
 */
changed?: Array<OnlineUser>, };

/**
 * `presence:count`: to sockets in mode `watch`.
 */
export type PresenceCount = { 
/**
 * Users online in the socket's scope.
 */
online: number, };

/**
 * The events `message:read` and `message:delivered`: a participant's mark has moved.
 */
export type MarkMoved = { 
/**
 * Where.
 */
conversationId: ConversationId, 
/**
 * Whose mark.
 */
by: UserId, 
/**
 * Where it stands now.
 */
upToSeq: number, 
/**
 * When it moved.
 */
at: Timestamp, };

/**
 * The event `typing`, to the peer. Clients let it expire after 5 s.
 */
export type TypingNotice = { 
/**
 * Who writes.
 */
from: UserId, 
/**
 * Whether they still do.
 */
typing: boolean, };

/**
 * `server:draining`: the instance goes away, and the transport is about to close.
 */
export type ServerDraining = { 
/**
 * When to come back, in milliseconds.
 */
reconnectInMs: number, };

export interface ClientToServerEvents {
  "message:send": (payload: SendRequest, reply: (reply: Reply<Message>) => void) => void;
  "message:history": (payload: HistoryRequest, reply: (reply: Reply<HistoryPage>) => void) => void;
  "message:read": (payload: MarkRequest, reply: (reply: Reply<ReadAnswer>) => void) => void;
  "message:delivered": (payload: MarkRequest, reply?: (reply: Reply<DeliveredAnswer>) => void) => void;
  "conversation:list": (payload: ConversationListRequest, reply: (reply: Reply<ConversationListPage>) => void) => void;
  "sync": (payload: SyncRequest, reply: (reply: Reply<SyncPage>) => void) => void;
  "typing": (payload: TypingRequest, reply?: (reply: Reply<Nothing>) => void) => void;
  "presence:list": (payload: PresenceListRequest, reply: (reply: Reply<PresenceListPage>) => void) => void;
  "presence:tenants": (payload: PresenceTenantsRequest, reply: (reply: Reply<PresenceTenantsPage>) => void) => void;
  "presence:watch": (payload: PresenceWatchRequest, reply: (reply: Reply<PresenceWatched>) => void) => void;
  "user:search": (payload: UserSearchRequest, reply: (reply: Reply<UsersFound>) => void) => void;
}

export interface ServerToClientEvents {
  "session:ready": (payload: SessionReady) => void;
  "session:expired": (payload: SessionExpired) => void;
  "presence:snapshot": (payload: PresenceSnapshot) => void;
  "presence:diff": (payload: PresenceDiff) => void;
  "presence:count": (payload: PresenceCount) => void;
  "presence:mode": (payload: PresenceMode) => void;
  "message:new": (payload: Message) => void;
  "message:delivered": (payload: MarkMoved) => void;
  "message:read": (payload: MarkMoved) => void;
  "typing": (payload: TypingNotice) => void;
  "sync:required": (payload: Nothing) => void;
  "server:draining": (payload: ServerDraining) => void;
}

/** Bounds of the contract, as literal types: `const limit: Limits["historyMax"] = 200`. */
export interface Limits {
  readonly replyBytesMax: 524288;
  readonly historyMax: 200;
  readonly historyDefault: 50;
  readonly conversationsMax: 100;
  readonly conversationsDefault: 50;
  readonly syncMax: 1000;
  readonly syncDefault: 500;
  readonly syncSinceMax: 500;
  readonly presenceListMax: 500;
  readonly presenceListDefault: 100;
  readonly searchMax: 50;
  readonly searchDefault: 20;
  readonly watchMax: 500;
  readonly nameCharsMax: 200;
}
