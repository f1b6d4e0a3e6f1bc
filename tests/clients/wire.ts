/** The shapes on the wire that the tests look into. */
export type User = { id: string; tenantId: string | null; name: string | null; kind: "tenant" | "manage"; lastSeenAt: string | null };
export type OnlineUser = User & { portals: string[]; since: string };

export type Message = {
  id: string;
  conversationId: string;
  seq: number;
  tenantId: string | null;
  senderId: string;
  recipientId: string;
  body: string;
  clientMessageId: string;
  createdAt: string;
};

export type SessionReady = {
  self: User;
  portal: string;
  serverTime: string;
  unreadTotal: number | null;
  presence: { mode: "all" | "watch"; online: number };
  limits: { bodyMax: number };
};

export type Snapshot = { users: OnlineUser[]; online: number; complete: boolean };
export type Diff = { online: OnlineUser[]; offline: { id: string; tenantId: string | null; lastSeenAt: string | null }[]; changed?: OnlineUser[] };
export type PresencePage = { users: OnlineUser[]; online: number; nextCursor: string | null };
export type TenantsPage = { tenants: { tenantId: string; online: number }[]; nextCursor: string | null };
export type History = { messages: Message[]; hasMore: boolean };
export type Sync = History & { reads: Record<string, { myReadSeq: number; peerReadSeq: number; peerDeliveredSeq: number }> };

export type AckError = { code: string; message: string; retryAfterMs?: number };
export type Ack<T> = { ok: true; data: T } | { ok: false; error: AckError };
