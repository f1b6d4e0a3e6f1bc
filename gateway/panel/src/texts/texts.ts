/** Every word that the panel says. One file a locale; nothing outside this folder holds a text. */
import { ar } from "./ar.ts";
import { en } from "./en.ts";

export type Texts = {
  locale: string;
  dir: "ltr" | "rtl";
  title: string;
  openChat: (unread: number) => string;
  close: string;
  back: string;
  searchLabel: string;
  clearSearch: string;
  chatsTab: string;
  onlineTab: string;
  noChats: string;
  noChatsHint: string;
  nobodyOnline: string;
  nothingFound: (query: string) => string;
  searching: string;
  searchFailed: string;
  loading: string;
  online: string;
  offline: string;
  lastSeen: (when: string) => string;
  typing: (name: string) => string;
  unread: (count: number) => string;
  you: string;
  draft: string;
  erased: string;
  today: string;
  yesterday: string;
  newMessages: string;
  jumpToLatest: string;
  beginning: (name: string) => string;
  earlierGone: string;
  loadFailed: string;
  messagesWith: (name: string) => string;
  write: string;
  writeTo: (name: string) => string;
  send: string;
  charactersLeft: (count: number) => string;
  tooLong: (count: number) => string;
  queued: string;
  sending: string;
  sent: string;
  delivered: string;
  read: string;
  failed: string;
  failedBecause: Readonly<Record<string, string>>;
  retry: string;
  drop: string;
  newMessageFrom: (name: string, text: string) => string;
  /** From somebody who has no name. */
  newMessage: string;
  allowNotifications: string;
  tenantFilter: string;
  allTenants: string;
  tenantCount: (name: string, online: number) => string;
  staff: string;
  connecting: string;
  reconnectingIn: (seconds: number) => string;
  retryNow: string;
  networkGone: string;
  draining: string;
  sessionEnded: string;
  logIn: string;
  logInAgain: string;
  refused: string;
};

const locales: readonly Texts[] = [en, ar];

/** The texts for a language tag; English when there are none. */
export function textsFor(language: string): Texts {
  const wanted = language.toLowerCase().split("-")[0];
  return locales.find(({ locale }) => locale === wanted) ?? en;
}
