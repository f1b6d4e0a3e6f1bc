/** The event catalogue: names, payloads, answers. */
import type {
  ConversationSummary, Limits, Message, OfflineUser, OnlineUser, PresenceMode, ReadMarks, SessionEndReason, User,
} from "./shapes.ts";

/** Client to server: what is asked, and the data of a good ack. */
export type Requests = {
  "message:send": { ask: { to: string; body: string; clientMessageId: string }; answer: Message };
  "message:history": {
    ask: { with: string; beforeSeq?: number; afterSeq?: number; limit?: number };
    answer: { messages: Message[]; hasMore: boolean };
  };
  "message:read": { ask: { with: string; upToSeq: number }; answer: { upToSeq: number; unread: number } };
  "message:delivered": { ask: { with: string; upToSeq: number }; answer: { upToSeq: number } };
  "conversation:list": {
    ask: { cursor?: string; limit?: number };
    answer: { conversations: ConversationSummary[]; nextCursor: string | null };
  };
  sync: {
    ask: { since: Record<string, number>; others?: string; limit?: number };
    answer: { messages: Message[]; reads: Record<string, ReadMarks>; hasMore: boolean };
  };
  typing: { ask: { to: string; typing: boolean }; answer: Record<string, never> };
  "presence:list": {
    ask: { query?: string; tenantId?: string; cursor?: string; limit?: number };
    answer: { users: OnlineUser[]; online: number; nextCursor: string | null };
  };
  "presence:tenants": {
    ask: { cursor?: string; limit?: number };
    answer: { tenants: { tenantId: string; online: number }[]; nextCursor: string | null };
  };
  "presence:watch": { ask: { userIds: string[] }; answer: { users: OnlineUser[] } };
  "user:search": { ask: { query: string; limit?: number }; answer: { users: User[] } };
};

export type RequestName = keyof Requests;
export type Ask<Name extends RequestName> = Requests[Name]["ask"];
export type Answer<Name extends RequestName> = Requests[Name]["answer"];

/** Server to client. */
export type Pushes = {
  "session:ready": {
    self: User;
    portal: string;
    serverTime: string;
    unreadTotal: number | null;
    presence: { mode: PresenceMode; online: number };
    limits: Limits;
  };
  "session:expired": { reason: SessionEndReason };
  "presence:snapshot": { users: OnlineUser[]; online: number; complete: boolean };
  "presence:diff": { online: OnlineUser[]; offline: OfflineUser[]; changed?: OnlineUser[] };
  "presence:count": { online: number };
  "presence:mode": { mode: PresenceMode; online: number };
  "message:new": Message;
  "message:delivered": { conversationId: string; by: string; upToSeq: number; at: string };
  "message:read": { conversationId: string; by: string; upToSeq: number; at: string };
  typing: { from: string; typing: boolean };
  "sync:required": Record<string, never>;
  "server:draining": { reconnectInMs: number };
};

export type PushName = keyof Pushes;

/** Codes of errors; the client adds two of its own for what never reached the server. */
export type ErrorCode =
  | "unauthorized" | "session_expired" | "forbidden" | "invalid_namespace" | "too_many_sockets" | "invalid_payload"
  | "body_too_long" | "recipient_not_found" | "rate_limited" | "unavailable" | "unknown_event" | "internal"
  | "no_answer" | "not_connected";

export type Reply<Data> =
  | { ok: true; data: Data }
  | { ok: false; error: { code: ErrorCode; message: string; retryAfterMs?: number } };

/** A request that was refused, or that nobody answered. */
export class RequestError extends Error {
  constructor(readonly code: ErrorCode, message: string, readonly retryAfterMs?: number) {
    super(message);
    this.name = "RequestError";
  }

  /** Whether the same request may succeed later; whether it took effect is unknown for some of these. */
  get isPassing(): boolean {
    return ["rate_limited", "unavailable", "internal", "no_answer", "not_connected", "session_expired"].includes(this.code);
  }
}
