/** The bundle's entry. Its only side effect is that the elements are defined; everything else is an export. */
import { Composer } from "./elements/composer.ts";
import { ConversationView } from "./elements/conversation-view.ts";
import { ListView } from "./elements/list-view.ts";
import { MessageList } from "./elements/message-list.ts";
import { RealtimeChat as PanelLauncher } from "./elements/realtime-chat.ts";
import { RowList } from "./elements/row-list.ts";
import { StatusBar } from "./elements/status-bar.ts";
import type { RealtimeChatElement } from "./element.ts";

const elements: Readonly<Record<string, CustomElementConstructor>> = {
  "rt-rows": RowList,
  "rt-status": StatusBar,
  "rt-messages": MessageList,
  "rt-composer": Composer,
  "rt-list": ListView,
  "rt-conversation": ConversationView,
  // Last: it makes the others.
  "realtime-chat": PanelLauncher,
};
for (const [name, element] of Object.entries(elements)) {
  // The plain and the hashed address may both be on a page.
  if (!customElements.get(name)) customElements.define(name, element);
}

export { connect, type ChatClient } from "./client.ts";
export { RequestError } from "./protocol/events.ts";
export { conversationsByTime, deliveryOf, nameOf, peopleOnline, unreadTotal } from "./store/selectors.ts";
export { createStore } from "./store/store.ts";
export { reduce } from "./store/reduce.ts";
export type { ConnectionOptions } from "./connection/connection.ts";
export type { Status } from "./connection/status.ts";
export type * from "./element.ts";
export type { ErrorCode, Pushes } from "./protocol/events.ts";
export type * from "./protocol/shapes.ts";
export type { Action } from "./store/actions.ts";
export type { Delivery } from "./store/selectors.ts";
export type * from "./store/state.ts";
export type { Listener, Store } from "./store/store.ts";
export const RealtimeChat: new () => RealtimeChatElement = PanelLauncher;
