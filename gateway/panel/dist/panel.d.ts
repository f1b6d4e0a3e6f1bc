type Timestamp = string;
type UserId = string;
type TenantId = string;
type ConversationId = string;
type ClientMessageId = string;
type Kind = "tenant" | "manage";
/**
 * The page that a socket was opened from.
 */
export type Portal = "manage" | "dashboard" | "dm";
type ErrorCode = "unauthorized" | "session_expired" | "forbidden" | "invalid_namespace" | "too_many_sockets" | "invalid_payload" | "body_too_long" | "recipient_not_found" | "rate_limited" | "unavailable" | "unknown_event" | "internal";
type Nothing = Record<string, never>;
/**
 * A person, online or not.
 */
export type User = {
	/**
	 * Who.
	 */
	id: UserId;
	/**
	 * Their tenant; `null` for manage users.
	 */
	tenantId: TenantId | null;
	/**
	 * Display name, when the session carries one.
	 */
	name: string | null;
	/**
	 * Member of a tenant, or staff.
	 */
	kind: Kind;
	/**
	 * When they last went offline; `null` when never seen.
	 */
	lastSeenAt: Timestamp | null;
};
/**
 * A person who is online now.
 */
export type OnlineUser = {
	/**
	 * The portals they have open, over all tabs and instances, sorted.
	 */
	portals: Array<Portal>;
	/**
	 * When they came online.
	 */
	since: Timestamp;
	/**
	 * Who.
	 */
	id: UserId;
	/**
	 * Their tenant; `null` for manage users.
	 */
	tenantId: TenantId | null;
	/**
	 * Display name, when the session carries one.
	 */
	name: string | null;
	/**
	 * Member of a tenant, or staff.
	 */
	kind: Kind;
	/**
	 * When they last went offline; `null` when never seen.
	 */
	lastSeenAt: Timestamp | null;
};
/**
 * A person who has just gone offline.
 */
export type OfflineUser = {
	/**
	 * Who.
	 */
	id: UserId;
	/**
	 * Their tenant; `null` for manage users.
	 */
	tenantId: TenantId | null;
	/**
	 * When they were last there.
	 */
	lastSeenAt: Timestamp;
};
/**
 * A chat message. `seq` counts 1, 2, 3 … without a gap inside one conversation.
 */
export type Message = {
	/**
	 * UUID version 7, made by the gateway.
	 */
	id: string;
	/**
	 * Whose conversation.
	 */
	conversationId: ConversationId;
	/**
	 * Place in the conversation, from 1.
	 */
	seq: number;
	/**
	 * The tenant of the tenant user(s); `null` between two manage users.
	 */
	tenantId: TenantId | null;
	/**
	 * Who wrote it.
	 */
	senderId: UserId;
	/**
	 * To whom.
	 */
	recipientId: UserId;
	/**
	 * The text as it was sent; empty once erased.
	 */
	body: string;
	/**
	 * The sender's own name for it.
	 */
	clientMessageId: ClientMessageId;
	/**
	 * When it was stored.
	 */
	createdAt: Timestamp;
	/**
	 * Present and `true` when its text was erased.
	 */
	erased?: true;
};
/**
 * A conversation as one of its two participants sees it.
 */
type Conversation = {
	/**
	 * Which.
	 */
	conversationId: ConversationId;
	/**
	 * The other participant.
	 */
	peer: User;
	/**
	 * The latest message.
	 */
	lastMessage: Message | null;
	/**
	 * The peer's messages that the caller has not read.
	 */
	unread: number;
	/**
	 * The caller has read up to here.
	 */
	myReadSeq: number;
	/**
	 * The peer has read up to here.
	 */
	peerReadSeq: number;
	/**
	 * The peer's devices hold up to here.
	 */
	peerDeliveredSeq: number;
};
/**
 * How far both sides of a conversation have come.
 */
export type ReadMarks = {
	/**
	 * The caller has read up to here.
	 */
	myReadSeq: number;
	/**
	 * The peer has read up to here.
	 */
	peerReadSeq: number;
	/**
	 * The peer's devices hold up to here.
	 */
	peerDeliveredSeq: number;
};
/**
 * One tenant with somebody online.
 */
export type TenantOnline = {
	/**
	 * Which.
	 */
	tenantId: TenantId;
	/**
	 * How many.
	 */
	online: number;
};
/**
 * See [`PresenceMode`].
 */
export type PresenceModeKind = "all" | "watch";
type PresenceMode = {
	/**
	 * Everybody, or only those watched.
	 */
	mode: PresenceModeKind;
	/**
	 * Users online in the socket's scope.
	 */
	online: number;
};
/**
 * Bounds that a client should know before it hits them.
 */
export type LimitsInfo = {
	/**
	 * Unicode scalar values in a message's body.
	 */
	bodyMax: number;
	/**
	 * Bytes of one Engine.IO packet from the client.
	 */
	maxPayload: number;
};
type SessionReady = {
	/**
	 * Who the gateway takes this socket for.
	 */
	self: User;
	/**
	 * The portal it was opened from.
	 */
	portal: Portal;
	/**
	 * The server's clock.
	 */
	serverTime: Timestamp;
	/**
	 * Unread messages in all conversations; `null` while the database is away.
	 */
	unreadTotal: number | null;
	/**
	 * How presence will be told.
	 */
	presence: PresenceMode;
	/**
	 * What the client must keep to.
	 */
	limits: LimitsInfo;
};
/**
 * How a session ended.
 */
export type SessionEndReason = "expired" | "revoked" | "changed";
type SessionExpired = {
	/**
	 * Why.
	 */
	reason: SessionEndReason;
};
type PresenceSnapshot = {
	/**
	 * Everybody in scope, or the first of them.
	 */
	users: Array<OnlineUser>;
	/**
	 * How many are online in scope.
	 */
	online: number;
	/**
	 * Whether `users` is everybody.
	 */
	complete: boolean;
};
type PresenceDiff = {
	/**
	 * Who came.
	 */
	online: Array<OnlineUser>;
	/**
	 * Who left.
	 */
	offline: Array<OfflineUser>;
	/**
	 * Who is still here with other portals or another name.
	 */
	changed?: Array<OnlineUser>;
};
type PresenceCount = {
	/**
	 * Users online in the socket's scope.
	 */
	online: number;
};
type MarkMoved = {
	/**
	 * Where.
	 */
	conversationId: ConversationId;
	/**
	 * Whose mark.
	 */
	by: UserId;
	/**
	 * Where it stands now.
	 */
	upToSeq: number;
	/**
	 * When it moved.
	 */
	at: Timestamp;
};
type TypingNotice = {
	/**
	 * Who writes.
	 */
	from: UserId;
	/**
	 * Whether they still do.
	 */
	typing: boolean;
};
type ServerDraining = {
	/**
	 * When to come back, in milliseconds.
	 */
	reconnectInMs: number;
};
interface ServerToClientEvents {
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
type PushName = keyof ServerToClientEvents;
export type Pushes = {
	[Name in PushName]: Parameters<ServerToClientEvents[Name]>[0];
};
/** The server's codes, and two for what never reached it or was never answered. */
type ErrorCode$1 = ErrorCode | "no_answer" | "not_connected";
/** A request that was refused, or that nobody answered. */
export declare class RequestError extends Error {
	readonly code: ErrorCode$1;
	readonly retryAfterMs?: number | undefined;
	constructor(code: ErrorCode$1, message: string, retryAfterMs?: number | undefined);
	/** Whether the same request may succeed later; whether it took effect is unknown for some of these. */
	get isPassing(): boolean;
	/** Whether asking again after a while may help; without a link the next `session:ready` does that. */
	get isWorthAnotherTry(): boolean;
}
/** What the panel may honestly say about its link. Times are milliseconds since the epoch, by the browser's clock. */
export type Status = {
	kind: "connecting";
} | {
	kind: "online";
} | {
	kind: "reconnecting";
	retryAt: number;
}
/** The browser itself says that there is no network. */
 | {
	kind: "offline";
}
/** The instance goes away; the link still stands, or comes back at `retryAt`. */
 | {
	kind: "draining";
	retryAt: number;
} | {
	kind: "ended";
	reason: SessionEndReason | "unauthorized";
} | {
	kind: "refused";
	code: ErrorCode$1;
};
export type ConnectionOptions = {
	portal: Portal;
	/** Origin of the gateway; the page's own when not given. */
	url?: string;
	/** Mount point, default `/realtime`. */
	path?: string;
};
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
type Conversation$1 = {
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
export type Search = {
	query: string;
	results: readonly User[];
	state: "idle" | "searching" | "done" | "failed";
};
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
	conversations: ReadonlyMap<string, Conversation$1>;
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
export declare const NOBODY: Presence;
export declare function initialState(): State;
export declare function emptyConversation(peerId: string): Conversation$1;
type Gap = {
	afterSeq: number;
	beforeSeq: number;
};
type PresenceAction = {
	type: "presence/replaced";
	users: readonly OnlineUser[];
	total: number;
	nextCursor: string | null;
} | {
	type: "presence/paged";
	users: readonly OnlineUser[];
	total: number;
	nextCursor: string | null;
} | {
	type: "presence/changed";
	online: readonly OnlineUser[];
	offline: readonly OfflineUser[];
}
/** The answer of presence:watch is the truth about the ids that were asked for. */
 | {
	type: "presence/watched";
	userIds: readonly string[];
	users: readonly OnlineUser[];
} | {
	type: "presence/counted";
	total: number;
} | {
	type: "presence/mode";
	mode: PresenceModeKind;
	total: number;
};
type MessageAction = 
/** Live: counts as unread unless it is being looked at. */
{
	type: "message/arrived";
	message: Message;
	isSeen: boolean;
}
/** By sync: what else there was. */
 | {
	type: "messages/synced";
	messages: readonly Message[];
	reads: Readonly<Record<string, ReadMarks>>;
} | {
	type: "history/asked";
	peerId: string;
} | {
	type: "history/failed";
	peerId: string;
	errorCode: string;
} | {
	type: "history/paged";
	peerId: string;
	messages: readonly Message[];
	hasMore: boolean;
} | {
	type: "gap/filled";
	peerId: string;
	messages: readonly Message[];
} | {
	type: "gap/closed";
	peerId: string;
	gap: Gap;
}
/** The first page, or, where `isMore`, the one at the cursor that is held. */
 | {
	type: "conversations/listed";
	conversations: readonly Conversation[];
	nextCursor: string | null;
	isMore: boolean;
} | {
	type: "conversations/failed";
} | {
	type: "marks/delivered";
	conversationId: string;
	by: string;
	upToSeq: number;
} | {
	type: "marks/read";
	conversationId: string;
	by: string;
	upToSeq: number;
}
/** Oneself read in this tab; `unread` is the server's count where it is known. */
 | {
	type: "read/mine";
	peerId: string;
	upToSeq: number;
	unread?: number;
} | {
	type: "typing/told";
	peerId: string;
	until: number;
};
type OutboxAction = {
	type: "outbox/added";
	outgoing: Outgoing;
}
/** What an earlier page of the same user in the same tab has left. */
 | {
	type: "outbox/restored";
	outbox: readonly Outgoing[];
	drafts: readonly (readonly [
		peerId: string,
		draft: string
	])[];
	people: readonly User[];
} | {
	type: "outbox/moved";
	clientMessageId: string;
	state: Outgoing["state"];
	errorCode?: string;
} | {
	type: "outbox/stored";
	message: Message;
} | {
	type: "outbox/dropped";
	clientMessageId: string;
};
type ViewAction = {
	type: "view/shown";
	view: View;
} | {
	type: "conversation/opened";
	peerId: string;
} | {
	type: "draft/changed";
	peerId: string;
	draft: string;
} | {
	type: "search/asked";
	query: string;
} | {
	type: "search/answered";
	query: string;
	results: readonly User[];
} | {
	type: "search/failed";
	query: string;
} | {
	type: "tenants/listed";
	tenants: readonly TenantOnline[];
} | {
	type: "tenants/filtered";
	tenantId: string | null;
};
export type Action = {
	type: "status/changed";
	status: Status;
}
/** `receivedAt` by the browser's clock. */
 | {
	type: "session/ready";
	ready: Pushes["session:ready"];
	receivedAt: number;
} | PresenceAction | MessageAction | OutboxAction | ViewAction;
export type Listener = (state: State, before: State) => void;
export type Store = {
	getState(): State;
	dispatch(action: Action): void;
	/** Calls back after every change; answers how to stop. */
	subscribe(listener: Listener): () => void;
};
export declare function createStore(start?: State): Store;
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
export declare function connect(options: ConnectionOptions): ChatClient;
export interface RealtimeChatElement extends HTMLElement {
	portal: Portal;
	url: string;
	path: string;
	loginUrl: string;
	noTitleBadge: boolean;
	/** What tenants are called; the id stands in for a name that is missing. */
	tenantNames: Readonly<Record<string, string>>;
	/** The chat beneath: state, events, commands. There while the element is in a document. */
	readonly client: ChatClient | undefined;
}
/** They bubble and leave every shadow root, so that they can be heard at the document. */
export interface RealtimeChatEventMap {
	"chat-unread": CustomEvent<{
		unread: number;
	}>;
	"chat-status": CustomEvent<Status>;
	"chat-session-ended": CustomEvent<{
		reason: SessionEndReason | "unauthorized";
	}>;
	/** `preventDefault()` leaves the way to the login to the portal. */
	"chat-login": CustomEvent<Record<string, never>>;
}
declare global {
	interface HTMLElementTagNameMap {
		"realtime-chat": RealtimeChatElement;
	}
	interface HTMLElementEventMap extends RealtimeChatEventMap {
	}
	interface DocumentEventMap extends RealtimeChatEventMap {
	}
}
export declare function unreadTotal(state: State): number;
export declare function nameOf(state: State, userId: string): string;
/** With something in it, latest first. */
export declare function conversationsByTime(state: State): Conversation$1[];
/** Others online, in the order in which the server told of them. */
export declare function peopleOnline(state: State): User[];
export type Delivery = "sent" | "delivered" | "read";
export declare function deliveryOf(conversation: Conversation$1, message: Message): Delivery;
export declare function reduce(state: State, action: Action): State;
export declare const RealtimeChat: new () => RealtimeChatElement;

export {
	Conversation as ConversationSummary,
	Conversation$1 as Conversation,
	ErrorCode$1 as ErrorCode,
};

export {};
