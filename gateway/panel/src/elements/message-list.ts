/**
 * A conversation of any length: only the rows near the eyes exist, between two spacers. What is being read stays where it is,
 * whatever is added above it or found to be higher than guessed; at the end the list follows what arrives.
 */
import { css, html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Message } from "../protocol/shapes.ts";
import { firstNewSeq } from "../store/selectors.ts";
import type { Conversation, Outgoing } from "../store/state.ts";
import type { Texts } from "../texts/texts.ts";
import { Heights } from "./heights.ts";
import { downIcon } from "./icons.ts";
import { messageRow, messageRowStyles, type Item, type RowContext } from "./message-row.ts";
import { PanelElement } from "./panel-element.ts";
import { baseStyles } from "./theme.ts";

const OVERSCAN_PX = 600;
const ROWS_MAX = 120;
const NEAR_TOP_PX = 500;
const NEAR_END_PX = 40;
/** Where the first new message ends when a conversation is opened. */
const NEW_FROM_TOP_PX = 160;

export class MessageList extends PanelElement {
  static override properties = {
    conversation: { attribute: false },
    outbox: { attribute: false },
    texts: { attribute: false },
    peerName: { attribute: false },
    clockOffsetMs: { attribute: false },
    isAtEnd: { state: true },
    range: { state: true },
  };
  declare conversation: Conversation;
  declare outbox: readonly Outgoing[];
  declare texts: Texts;
  declare peerName: string;
  declare clockOffsetMs: number;
  declare isAtEnd: boolean;
  declare range: readonly [number, number];
  readonly #heights = new Heights();
  #outgoing: readonly Outgoing[] = [];
  /** The row at the upper edge, and how far its end is below it: the end, since the day above a row goes when an earlier one comes. */
  #anchor: { key: string | number; below: number } | undefined;
  #width = 0;
  #lastSeenSeq = 0;
  readonly #resized = new ResizeObserver(() => this.requestUpdate());

  constructor() {
    super();
    this.isAtEnd = true;
    this.range = [0, 0];
  }

  static override styles = [baseStyles, messageRowStyles, css`
    :host { position: relative; display: flex; flex-direction: column; min-block-size: 0; }
    .scroller { display: flex; flex-direction: column; flex: 1; min-block-size: 0; overflow-y: auto; overflow-anchor: none; overscroll-behavior: contain; padding-block: 4px 12px; scrollbar-width: thin; scrollbar-color: var(--_line) transparent; }
    .scroller > * { flex: none; }
    /* A short conversation stands at its end, where the next message goes. */
    .scroller::before { content: ""; flex: 1; }
    .scroller:focus-visible { outline-offset: -2px; }
    .start { padding: 24px 24px 8px; text-align: center; font-size: 13.5px; line-height: 1.5; color: var(--_muted); overflow-wrap: anywhere; }
    .start button { font-weight: 600; color: var(--_link); text-decoration: underline; text-underline-offset: 2px; }
    .jump {
      position: absolute; inset-block-end: 12px; inset-inline-end: 16px; display: flex; align-items: center; gap: 6px; padding: 8px 12px; border-radius: 20px;
      background: var(--_surface); color: var(--_text); border: 1px solid var(--_line); box-shadow: 0 4px 16px #0003; font-size: 13px; font-weight: 600;
    }
    .jump b { display: grid; place-items: center; min-inline-size: 20px; block-size: 20px; padding-inline: 5px; border-radius: 10px; background: var(--_accent); color: var(--_on-accent); font-size: 12px; }
  `];

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resized.observe(this);
  }

  override focus(): void {
    this.#scroller.focus({ preventScroll: true });
  }

  /** Of a button that goes when it is used: the focus would go with it. */
  #done(name: string, detail?: unknown): void {
    this.focus();
    this.tell(name, detail);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resized.disconnect();
  }

  override willUpdate(changed: Map<string, unknown>): void {
    const before = changed.get("conversation") as Conversation | undefined;
    const isOther = before?.peerId !== this.conversation.peerId;
    // Where it begins is known once the first page is here.
    if (changed.has("conversation") && (isOther || (before?.hasEarlier === null && this.conversation.hasEarlier !== null))) this.#begin();
    if (changed.has("conversation") || changed.has("outbox")) {
      this.#outgoing = this.outbox.filter(({ peerId }) => peerId === this.conversation.peerId);
      // One's own words are always shown.
      const isMineNew = this.#outgoing.at(-1) && before?.peerId === this.conversation.peerId && this.#outgoing.length > this.#outgoingBefore;
      if (isMineNew) this.isAtEnd = true;
      this.#outgoingBefore = this.#outgoing.length;
      this.#layOut();
    }
    this.#placeRange();
  }
  #outgoingBefore = 0;

  override render() {
    const { conversation, texts, peerName, range: [from, to] } = this;
    const context: RowContext = {
      conversation, texts, peerName,
      now: Date.now() + this.clockOffsetMs,
      newFromSeq: firstNewSeq(conversation),
      retry: (id) => this.#done("retry", id),
      drop: (id) => this.#done("drop", id),
    };
    const list = this;
    const items = { at: (index: number) => list.#itemAt(index), get length() { return list.#length; } };
    const indices = Array.from({ length: to - from }, (_, offset) => from + offset);
    const below = this.isAtEnd ? 0 : this.#unseenBelow();
    return html`
      <div class="scroller" tabindex="0" role="group" aria-label=${texts.messagesWith(peerName)} data-testid="messages" @scroll=${this.#scrolled}>
        ${this.#start()}
        <div class="above"></div>
        <ol role="list">${repeat(indices, (index) => this.#keyAt(index), (index) => html`<li data-index=${index}>${messageRow(items, index, context)}</li>`)}</ol>
        <div class="below"></div>
      </div>
      ${this.isAtEnd ? nothing : html`<button type="button" class="jump" data-testid="jump" @click=${this.jumpToLatest}>
        ${below > 0 ? html`<b>${below.toLocaleString(texts.locale)}</b>` : nothing}${texts.jumpToLatest}${downIcon}</button>`}`;
  }

  /** What stands above the first row that is held. */
  #start() {
    const { conversation: { hasEarlier, isLoading, loadError, messages }, texts, peerName } = this;
    if (hasEarlier === false) {
      const isWhole = (messages[0]?.seq ?? 1) === 1;
      return html`<p class="start">${isWhole ? texts.beginning(peerName) : texts.earlierGone}</p>`;
    }
    if (loadError !== null) {
      return html`<div class="start" role="alert">${texts.loadFailed} ${texts.failedBecause[loadError] ?? ""}
        <button type="button" data-testid="reload" @click=${() => this.#done("reload")}>${texts.retry}</button></div>`;
    }
    return isLoading ? html`<p class="start">${texts.loading}</p>` : nothing;
  }

  override updated(): void {
    const scroller = this.#scroller;
    this.#space();
    let isOther = false;
    for (const item of scroller.querySelectorAll<HTMLElement>("li")) {
      if (this.#heights.measure(this.#keyAt(Number(item.dataset.index)), item.getBoundingClientRect().height)) isOther = true;
    }
    if (isOther) {
      this.#layOut();
      this.#space();
    }
    this.#restore();
    // What was measured may show that more or other rows are needed.
    const [from, to] = this.range;
    this.#placeRange();
    if (from === this.range[0] && to === this.range[1]) this.#tellSeen();
    this.#tellNearTop();
  }

  readonly jumpToLatest = (): void => {
    this.focus();
    this.isAtEnd = true;
    this.requestUpdate();
  };

  #begin(): void {
    this.#heights.forget();
    this.isAtEnd = true;
    this.#anchor = undefined;
    this.#lastSeenSeq = 0;
    this.#outgoingBefore = Number.POSITIVE_INFINITY;
    const newFromSeq = firstNewSeq(this.conversation);
    if (newFromSeq === null) return;
    this.isAtEnd = false;
    this.#anchor = { key: newFromSeq, below: NEW_FROM_TOP_PX };
  }

  get #scroller(): HTMLElement {
    return this.renderRoot.querySelector(".scroller") as HTMLElement;
  }

  get #length(): number {
    return this.conversation.messages.length + this.#outgoing.length;
  }

  #itemAt(index: number): Item | undefined {
    const { messages } = this.conversation;
    const message = messages[index];
    if (message) return { kind: "stored", message };
    const outgoing = this.#outgoing[index - messages.length];
    return outgoing ? { kind: "outgoing", outgoing } : undefined;
  }

  #keyAt(index: number): string | number {
    const { messages } = this.conversation;
    return index < messages.length ? (messages[index] as Message).seq : (this.#outgoing[index - messages.length]?.clientMessageId ?? "");
  }

  #layOut(): void {
    const { messages } = this.conversation;
    const guess = (index: number) => {
      const body = index < messages.length ? (messages[index] as Message).body : "";
      return 40 + 21 * Math.floor(body.length / 38);
    };
    this.#heights.layOut(this.#length, (index) => this.#keyAt(index), guess);
  }

  /** Where the rows begin inside the scroller: below the note at the start. */
  get #listTop(): number {
    const above = this.renderRoot.querySelector<HTMLElement>(".above");
    return above?.offsetTop ?? 0;
  }

  #indexOfAnchor(): number {
    if (!this.#anchor) return 0;
    const { key } = this.#anchor;
    for (let [low, high] = [0, this.conversation.messages.length - 1]; low <= high;) {
      const middle = (low + high) >> 1;
      const seq = (this.conversation.messages[middle] as Message).seq;
      if (seq === key) return middle;
      if (typeof key === "string" || seq < key) low = middle + 1;
      else high = middle - 1;
    }
    return this.#length - 1;
  }

  /** The top of what is looked at, by the heights known now. */
  #viewTop(height: number): number {
    if (this.isAtEnd || !this.#anchor) return Math.max(0, this.#heights.total - height);
    return this.#heights.top(this.#indexOfAnchor() + 1) - this.#anchor.below;
  }

  #placeRange(): void {
    const height = this.hasUpdated ? this.#scroller.clientHeight : 600;
    const top = this.#viewTop(height);
    const from = this.#heights.indexAt(Math.max(0, top - OVERSCAN_PX));
    const to = this.#length === 0 ? 0 : Math.min(this.#length, from + ROWS_MAX, this.#heights.indexAt(top + height + OVERSCAN_PX) + 1);
    if (from !== this.range[0] || to !== this.range[1]) this.range = [from, to];
  }

  #space(): void {
    const [from, to] = this.range;
    (this.renderRoot.querySelector(".above") as HTMLElement).style.height = `${this.#heights.top(from)}px`;
    (this.renderRoot.querySelector(".below") as HTMLElement).style.height = `${Math.max(0, this.#heights.total - this.#heights.top(to))}px`;
  }

  #restore(): void {
    const scroller = this.#scroller;
    if (this.#width !== scroller.clientWidth) {
      // Other line breaks: what was measured is no longer true.
      if (this.#width !== 0) this.#heights.forget();
      this.#width = scroller.clientWidth;
    }
    const wanted = this.isAtEnd || !this.#anchor ? scroller.scrollHeight - scroller.clientHeight : this.#listTop + this.#viewTop(scroller.clientHeight);
    if (Math.abs(scroller.scrollTop - wanted) > 0.5) scroller.scrollTop = wanted;
    // What fits into the window is at its end, without anybody having scrolled.
    if (this.#isNearEnd()) this.isAtEnd = true;
    if (!this.#anchor || this.isAtEnd) this.#takeAnchor();
  }

  #isNearEnd(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }

  #takeAnchor(): void {
    const y = this.#scroller.scrollTop - this.#listTop;
    const index = this.#heights.indexAt(Math.max(0, y));
    if (this.#length > 0) this.#anchor = { key: this.#keyAt(index), below: this.#heights.top(index + 1) - y };
  }

  readonly #scrolled = (): void => {
    this.isAtEnd = this.#isNearEnd();
    this.#takeAnchor();
    this.#placeRange();
    this.#tellSeen();
    this.#tellNearTop();
  };

  #tellNearTop(): void {
    const { hasEarlier, isLoading } = this.conversation;
    if (hasEarlier && !isLoading && this.#scroller.scrollTop < NEAR_TOP_PX) this.tell("near-top");
  }

  /** Tells up to which message the eyes can have come. */
  #tellSeen(): void {
    const { messages, hasEarlier } = this.conversation;
    const scroller = this.#scroller;
    // Before the first page there is but the last message, wherever the eyes will come to rest.
    if (hasEarlier === null || messages.length === 0 || scroller.clientHeight === 0) return;
    const bottom = scroller.scrollTop - this.#listTop + scroller.clientHeight;
    const index = this.isAtEnd ? messages.length - 1 : Math.min(messages.length - 1, this.#heights.indexAt(bottom - 20));
    const seq = (messages[index] as Message).seq;
    this.#lastSeenSeq = Math.max(this.#lastSeenSeq, seq);
    this.tell("seen", { upToSeq: seq, isAtEnd: this.isAtEnd });
  }

  #unseenBelow(): number {
    let count = 0;
    const { messages, peerId } = this.conversation;
    for (let index = messages.length - 1; index >= 0; index -= 1) {
      const message = messages[index] as Message;
      if (message.seq <= this.#lastSeenSeq) break;
      if (message.senderId === peerId) count += 1;
    }
    return count;
  }
}
