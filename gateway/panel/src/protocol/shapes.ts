/** What travels in the events. Times are RFC 3339 in UTC, with milliseconds. */

export type UserKind = "tenant" | "manage";

export type User = {
  id: string;
  tenantId: string | null;
  name: string | null;
  kind: UserKind;
  lastSeenAt: string | null;
};

export type OnlineUser = User & { portals: string[]; since: string };

export type OfflineUser = { id: string; tenantId: string | null; lastSeenAt: string | null };

export type Message = {
  id: string;
  conversationId: string;
  /** 1, 2, 3 … without a gap inside one conversation. */
  seq: number;
  tenantId: string | null;
  senderId: string;
  recipientId: string;
  body: string;
  clientMessageId: string;
  createdAt: string;
  /** The body is gone, the place is kept. */
  erased?: true;
};

export type ReadMarks = { myReadSeq: number; peerReadSeq: number; peerDeliveredSeq: number };

export type ConversationSummary = ReadMarks & {
  conversationId: string;
  peer: User;
  lastMessage: Message | null;
  unread: number;
};

export type PresenceMode = "all" | "watch";

export type SessionEndReason = "expired" | "revoked" | "changed";

export type Limits = { bodyMax: number };
