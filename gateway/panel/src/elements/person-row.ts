/** A person in a list: with the last message where there is a conversation, with presence otherwise. */
import { css, html, nothing } from "lit";
import type { User } from "../protocol/shapes.ts";
import { isOnline, isPresenceKnown, nameOf, outgoingTo } from "../store/selectors.ts";
import type { Conversation, State } from "../store/state.ts";
import type { Texts } from "../texts/texts.ts";
import { avatar, avatarStyles } from "./avatar.ts";
import { serverNow } from "../sync/clock.ts";
import { ago, shortTime } from "./format.ts";

export type Context = { state: State; texts: Texts; tenantName: (tenantId: string) => string; open: (userId: string) => void };

function tenantOf({ state, texts, tenantName }: Context, userId: string) {
  if (state.self?.kind !== "manage") return nothing;
  const person = state.people.get(userId);
  if (!person) return nothing;
  return html`<span class="tenant">${person.tenantId === null ? texts.staff : tenantName(person.tenantId)}</span>`;
}

export function presenceText({ state, texts }: Pick<Context, "state" | "texts">, userId: string): string {
  if (isOnline(state, userId)) return texts.online;
  // Somebody who was here when the link went may have gone, or may be here still.
  if (!isPresenceKnown(state) && state.presence.online.has(userId)) return "";
  const lastSeenAt = state.people.get(userId)?.lastSeenAt;
  if (!lastSeenAt && !isPresenceKnown(state)) return "";
  return lastSeenAt ? texts.lastSeen(ago(lastSeenAt, texts, serverNow(state))) : texts.offline;
}

function summaryOf(context: Context, { peerId, draft, typingUntil, lastMessage }: Conversation) {
  const { state, texts } = context;
  if (typingUntil > Date.now()) return html`<em>${texts.typing(nameOf(state, peerId))}</em>`;
  const outgoing = outgoingTo(state, peerId).at(-1);
  if (outgoing?.state === "failed") return html`<b class="draft">${texts.failed}:</b> <bdi>${outgoing.body}</bdi>`;
  if (draft.trim() !== "") return html`<b class="draft">${texts.draft}:</b> <bdi>${draft}</bdi>`;
  if (outgoing) return html`${texts.you}: <bdi>${outgoing.body}</bdi>`;
  if (!lastMessage) return presenceText(context, peerId);
  if (lastMessage.erased) return html`<i>${texts.erased}</i>`;
  const body = lastMessage.body.slice(0, 120);
  return lastMessage.senderId === peerId ? body : html`${texts.you}: <bdi>${body}</bdi>`;
}

function row(context: Context, userId: string, testid: string, unread: number, time: string, second: unknown) {
  const { state, texts } = context;
  const name = nameOf(state, userId);
  const isHere = isOnline(state, userId);
  const presence = presenceText(context, userId);
  return html`<button type="button" title=${presence} class="row ${unread > 0 ? "unread" : ""}" part="row" data-testid=${testid} data-user-id=${userId}
      data-online=${isHere} data-unread=${unread} @click=${() => context.open(userId)}>
    ${avatar(userId, name, isHere)}
    <span class="facts">
      <span class="line"><span class="name" dir="auto">${name}</span>${second === presence ? nothing : html`<span class="said">, ${presence}</span>`}${tenantOf(context, userId)}<time>${time}</time></span>
      <span class="line"><span class="second" dir="auto">${second}</span>${unread > 0 ? html`<span class="count"><span aria-hidden="true">${unread > 99 ? "99+" : unread.toLocaleString(texts.locale)}</span><span class="said">${texts.unread(unread)}</span></span>` : nothing}</span>
    </span>
  </button>`;
}

export function conversationRow(context: Context, conversation: Conversation) {
  const { lastMessage, peerId, unread } = conversation;
  const time = lastMessage ? shortTime(lastMessage.createdAt, context.texts, serverNow(context.state)) : "";
  return row(context, peerId, "conversation-row", unread, time, summaryOf(context, conversation));
}

export function personRow(context: Context, { id }: User, testid: string) {
  return row(context, id, testid, context.state.conversations.get(id)?.unread ?? 0, "", presenceText(context, id));
}

export const personRowStyles = [avatarStyles, css`
  .row {
    display: flex; align-items: center; gap: 12px; inline-size: 100%; block-size: 100%; padding: 0 10px; border-radius: 12px; text-align: start;
    transition: background .12s;
  }
  .row:hover { background: var(--_raised); }
  .row:focus-visible { outline-offset: -2px; }
  .facts { flex: 1; min-inline-size: 0; display: grid; gap: 2px; }
  .line { display: flex; align-items: center; gap: 8px; min-inline-size: 0; }
  /* Cut at the end of the text, whichever side that is. */
  .name, .second { text-align: -webkit-match-parent; text-align: match-parent; }
  .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-weight: 600; font-size: 15px; }
  .tenant {
    flex: 0 4 auto; min-inline-size: 40px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; padding: 1px 7px; border-radius: 6px;
    background: var(--_raised); color: var(--_muted); font-size: 11.5px; font-weight: 500; border: 1px solid var(--_line);
  }
  time { margin-inline-start: auto; color: var(--_muted); font-size: 12px; white-space: nowrap; }
  .second { flex: 1; min-inline-size: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: var(--_muted); font-size: 13.5px; }
  .second em { color: var(--_good); font-style: normal; font-weight: 500; }
  .draft { color: var(--_bad); font-weight: 600; }
  .unread .second { color: var(--_text); font-weight: 500; }
  .unread time { color: var(--_link); font-weight: 600; }
  .count {
    display: grid; place-items: center; min-inline-size: 20px; block-size: 20px; padding: 0 6px; border-radius: 10px;
    background: var(--_accent); color: var(--_on-accent); font-size: 12px; font-weight: 600;
  }
`];
