/** One message: a bubble, with the day above it where a new one begins. */
import { css, html, nothing } from "lit";
import type { Message } from "../protocol/shapes.ts";
import { deliveryOf } from "../store/selectors.ts";
import type { Conversation, Outgoing } from "../store/state.ts";
import type { Texts } from "../texts/texts.ts";
import { dayOf, daysBetween, timeOfDay } from "./format.ts";
import { clockIcon, deliveredIcon, failedIcon, sentIcon } from "./icons.ts";
import { pieces } from "./linkify.ts";

export type Item = { kind: "stored"; message: Message } | { kind: "outgoing"; outgoing: Outgoing };

const GROUP_MS = 5 * 60_000;

function facts(item: Item, peerId: string): { isMine: boolean; at: string } {
  return item.kind === "stored"
    ? { isMine: item.message.senderId !== peerId, at: item.message.createdAt }
    : { isMine: true, at: item.outgoing.createdAt };
}

function isNewDay(item: Item, before: Item | undefined, peerId: string): boolean {
  return !before || daysBetween(Date.parse(facts(before, peerId).at), Date.parse(facts(item, peerId).at)) !== 0;
}

/** Whether two neighbours belong together: one author, one day, little time between them. */
function isGrouped(item: Item, before: Item | undefined, peerId: string): boolean {
  if (!before || isNewDay(item, before, peerId)) return false;
  const [a, b] = [facts(before, peerId), facts(item, peerId)];
  return a.isMine === b.isMine && Date.parse(b.at) - Date.parse(a.at) < GROUP_MS;
}

export type RowContext = {
  conversation: Conversation;
  /** Above which message the marker of new ones stands. */
  newFromSeq: number | null;
  texts: Texts;
  /** By the server's clock. */
  now: number;
  peerName: string;
  retry: (clientMessageId: string) => void;
  drop: (clientMessageId: string) => void;
};

function bodyOf(item: Item, texts: Texts) {
  if (item.kind === "stored" && item.message.erased) return html`<i class="erased">${texts.erased}</i>`;
  const body = item.kind === "stored" ? item.message.body : item.outgoing.body;
  return html`<span class="body">${pieces(body).map(({ text, href }) => (
    href ? html`<a dir="ltr" href=${href} target="_blank" rel="noopener noreferrer nofollow">${text}</a>` : text
  ))}</span>`;
}

function stateOf(item: Item, { conversation, texts }: RowContext): { name: string; icon: unknown; text: string } {
  if (item.kind === "outgoing") {
    const { state } = item.outgoing;
    if (state === "failed") return { name: "failed", icon: failedIcon, text: texts.failed };
    return { name: state, icon: clockIcon, text: state === "queued" ? texts.queued : texts.sending };
  }
  const name = deliveryOf(conversation, item.message);
  return { name, icon: name === "sent" ? sentIcon : deliveredIcon, text: texts[name] };
}

function failure(item: Item, { texts, retry, drop }: RowContext) {
  if (item.kind !== "outgoing" || item.outgoing.state !== "failed") return nothing;
  const { clientMessageId, errorCode } = item.outgoing;
  return html`<div class="failure" role="alert">
    <span>${texts.failed}. ${texts.failedBecause[errorCode ?? ""] ?? ""}</span>
    <button type="button" data-testid="message-retry" @click=${() => retry(clientMessageId)}>${texts.retry}</button>
    <button type="button" data-testid="message-drop" @click=${() => drop(clientMessageId)}>${texts.drop}</button>
  </div>`;
}

export function messageRow(items: { at(index: number): Item | undefined; length: number }, index: number, context: RowContext) {
  const item = items.at(index);
  if (!item) return nothing;
  const { conversation: { peerId }, newFromSeq, texts, now, peerName } = context;
  const [before, after] = [index > 0 ? items.at(index - 1) : undefined, items.at(index + 1)];
  const { isMine, at } = facts(item, peerId);
  const isNew = item.kind === "stored" && newFromSeq === item.message.seq;
  const isFirst = isNew || !isGrouped(item, before, peerId);
  const isLast = !after || !isGrouped(after, item, peerId);
  const state = stateOf(item, context);
  const isNewest = index === items.length - 1;
  return html`
    ${isNewDay(item, before, peerId) ? html`<div class="day"><span>${dayOf(at, texts, now)}</span></div>` : nothing}
    ${isNew ? html`<div class="new" data-testid="new-messages"><span>${texts.newMessages}</span></div>` : nothing}
    <div class="message ${isMine ? "mine" : "theirs"} ${isFirst ? "first" : ""} ${isLast ? "last" : ""} is-${state.name}" part="message ${isMine ? "own-message" : "peer-message"}"
        data-testid="message" data-mine=${isMine} data-state=${isMine ? state.name : "sent"} data-seq=${item.kind === "stored" ? item.message.seq : ""}>
      <span class="said">${isMine ? texts.you : peerName}:</span>
      <div class="content" dir="auto">
        ${bodyOf(item, texts)}
        <span class="meta"><time dir=${texts.dir} datetime=${at}>${timeOfDay(at, texts)}</time>${isMine ? html`<span class="tick" title=${state.text}>${state.icon}</span><span class="said">${state.text}</span>` : nothing}</span>
      </div>
    </div>
    ${failure(item, context)}
    ${isMine && isNewest && state.name !== "failed" ? html`<div class="word" aria-hidden="true">${state.text}</div>` : nothing}`;
}

export const messageRowStyles = css`
  li { display: flex; flex-direction: column; padding-inline: 16px; }
  .day { align-self: center; padding: 16px 0 8px; font-size: 12px; font-weight: 600; color: var(--_muted); }
  .new { display: flex; align-items: center; gap: 10px; padding: 10px 0; font-size: 12px; font-weight: 600; color: var(--_bad); }
  .new::before, .new::after { content: ""; flex: 1; block-size: 1px; background: currentColor; opacity: .35; }
  .message {
    position: relative; max-inline-size: min(82%, 520px); margin-block-start: 2px; padding: 8px 12px; border-radius: 6px 16px 16px 6px; font-size: 15px; line-height: 1.42;
    overflow-wrap: anywhere;
  }
  .message.first { margin-block-start: 10px; }
  .theirs { align-self: flex-start; background: var(--_raised); color: var(--_text); }
  .mine { align-self: flex-end; background: var(--_accent); color: var(--_on-accent); border-radius: 16px 6px 6px 16px; }
  .theirs.first, .mine:dir(rtl).first { border-start-start-radius: 16px; border-start-end-radius: 16px; }
  .theirs:dir(rtl) { border-radius: 16px 6px 6px 16px; }
  .mine:dir(rtl) { border-radius: 6px 16px 16px 6px; }
  .mine.first { border-start-end-radius: 16px; }
  .theirs.last { border-end-start-radius: 16px; }
  .mine.last { border-end-end-radius: 16px; }
  .is-failed { background: var(--_bad-surface); color: var(--_bad); }
  /* Each paragraph runs, and is aligned, as its own first letter says; the time is at the end of the last. */
  .content { display: flow-root; unicode-bidi: plaintext; }
  .body { white-space: pre-wrap; }
  .theirs .body a { color: var(--_link); }
  .mine .body a { color: inherit; }
  .erased { opacity: .85; }
  .meta { float: inline-end; display: flex; align-items: center; gap: 3px; margin-block: 6px -3px; margin-inline-start: 10px; font-size: 11.5px; line-height: 1.3; color: var(--_muted); }
  .mine .meta { color: inherit; }
  .is-failed .meta { color: inherit; }
  .is-sent .tick, .is-delivered .tick { opacity: .85; }
  .is-read .tick { stroke-width: 3; }
  .word { align-self: flex-end; padding: 3px 4px 0; font-size: 11.5px; color: var(--_muted); }
  .failure { display: flex; flex-wrap: wrap; justify-content: flex-end; gap: 4px 12px; padding: 4px; font-size: 12.5px; color: var(--_bad); }
  .failure button { font-weight: 600; text-decoration: underline; text-underline-offset: 2px; }
  @media (forced-colors: active) { .message { border: 1px solid CanvasText; } }
`;
