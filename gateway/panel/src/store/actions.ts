/** What can happen. */
import type { Status } from "../connection/status.ts";
import type { Pushes } from "../protocol/events.ts";
import type { ConversationSummary, Message, OfflineUser, OnlineUser, PresenceModeKind, ReadMarks, TenantOnline, User } from "../protocol/shapes.ts";
import type { Gap } from "./merge.ts";
import type { Outgoing, View } from "./state.ts";

export type PresenceAction =
  | { type: "presence/replaced"; users: readonly OnlineUser[]; total: number; nextCursor: string | null }
  | { type: "presence/paged"; users: readonly OnlineUser[]; total: number; nextCursor: string | null }
  | { type: "presence/changed"; online: readonly OnlineUser[]; offline: readonly OfflineUser[] }
  /** The answer of presence:watch is the truth about the ids that were asked for. */
  | { type: "presence/watched"; userIds: readonly string[]; users: readonly OnlineUser[] }
  | { type: "presence/counted"; total: number }
  | { type: "presence/mode"; mode: PresenceModeKind; total: number };

export type MessageAction =
  /** Live: counts as unread unless it is being looked at. */
  | { type: "message/arrived"; message: Message; isSeen: boolean }
  /** By sync: what else there was. */
  | { type: "messages/synced"; messages: readonly Message[]; reads: Readonly<Record<string, ReadMarks>> }
  | { type: "history/asked"; peerId: string }
  | { type: "history/failed"; peerId: string; errorCode: string }
  | { type: "history/paged"; peerId: string; messages: readonly Message[]; hasMore: boolean }
  | { type: "gap/filled"; peerId: string; messages: readonly Message[] }
  | { type: "gap/closed"; peerId: string; gap: Gap }
  /** The first page, or, where `isMore`, the one at the cursor that is held. */
  | { type: "conversations/listed"; conversations: readonly ConversationSummary[]; nextCursor: string | null; isMore: boolean }
  | { type: "conversations/failed" }
  | { type: "marks/delivered"; conversationId: string; by: string; upToSeq: number }
  | { type: "marks/read"; conversationId: string; by: string; upToSeq: number }
  /** Oneself read in this tab; `unread` is the server's count where it is known. */
  | { type: "read/mine"; peerId: string; upToSeq: number; unread?: number }
  | { type: "typing/told"; peerId: string; until: number };

export type OutboxAction =
  | { type: "outbox/added"; outgoing: Outgoing }
  /** What an earlier page of the same user in the same tab has left. */
  | { type: "outbox/restored"; outbox: readonly Outgoing[]; drafts: readonly (readonly [peerId: string, draft: string])[]; people: readonly User[] }
  | { type: "outbox/moved"; clientMessageId: string; state: Outgoing["state"]; errorCode?: string }
  | { type: "outbox/stored"; message: Message }
  | { type: "outbox/dropped"; clientMessageId: string };

export type ViewAction =
  | { type: "view/shown"; view: View }
  | { type: "conversation/opened"; peerId: string }
  | { type: "draft/changed"; peerId: string; draft: string }
  | { type: "search/asked"; query: string }
  | { type: "search/answered"; query: string; results: readonly User[] }
  | { type: "search/failed"; query: string }
  | { type: "tenants/listed"; tenants: readonly TenantOnline[] }
  | { type: "tenants/filtered"; tenantId: string | null };

export type Action =
  | { type: "status/changed"; status: Status }
  /** `receivedAt` by the browser's clock. */
  | { type: "session/ready"; ready: Pushes["session:ready"]; receivedAt: number }
  | PresenceAction
  | MessageAction
  | OutboxAction
  | ViewAction;
