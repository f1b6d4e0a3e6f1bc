/** The shapes on the wire, by the names that the stories use. They are the protocol's, written from the Rust types. */
export type {
  AckError,
  ConversationListPage as List,
  HistoryPage as History,
  Message,
  OnlineUser,
  Portal,
  PresenceDiff as Diff,
  PresenceListPage as PresencePage,
  PresenceSnapshot as Snapshot,
  PresenceTenantsPage as TenantsPage,
  Reply as Ack,
  SessionReady,
  SyncPage as Sync,
  User,
} from "@realtime/protocol";
