/** What travels in the events, from the types that the Rust sources write. Times are RFC 3339 in UTC, with milliseconds. */
export type {
  Conversation as ConversationSummary, LimitsInfo, Message, OfflineUser, OnlineUser, Portal, PresenceModeKind, ReadMarks, SessionEndReason,
  TenantOnline, User,
} from "@realtime/protocol";
