/** What a portal sees of `<realtime-chat>`, without the library that it is made with. */
import type { ChatClient } from "./client.ts";
import type { Status } from "./connection/status.ts";
import type { Portal, SessionEndReason } from "./protocol/shapes.ts";

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
  "chat-unread": CustomEvent<{ unread: number }>;
  "chat-status": CustomEvent<Status>;
  "chat-session-ended": CustomEvent<{ reason: SessionEndReason | "unauthorized" }>;
  /** `preventDefault()` leaves the way to the login to the portal. */
  "chat-login": CustomEvent<Record<string, never>>;
}

declare global {
  interface HTMLElementTagNameMap {
    "realtime-chat": RealtimeChatElement;
  }
  interface HTMLElementEventMap extends RealtimeChatEventMap {}
  interface DocumentEventMap extends RealtimeChatEventMap {}
}
