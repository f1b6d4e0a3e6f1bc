/** A list of any length whose rows are equally high: only those near the eyes exist. Arrow keys move between rows. */
import { css, html, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { PanelElement } from "./panel-element.ts";
import { personRowStyles } from "./person-row.ts";
import { baseStyles } from "./theme.ts";

export const ROW_HEIGHT = 66;
const OVERSCAN = 6;
const NEAR_END = 8;

export type Row = { key: string; content: () => TemplateResult };

export class RowList extends PanelElement {
  static override properties = { rows: { attribute: false }, label: { attribute: false }, first: { state: true } };
  declare rows: readonly Row[];
  declare label: string;
  /** Index of the first row that is rendered. */
  declare first: number;
  #active = 0;
  #toldEndAt = -1;

  constructor() {
    super();
    this.rows = [];
    this.first = 0;
  }

  static override styles = [baseStyles, ...personRowStyles, css`
    :host { display: block; min-block-size: 0; overflow-y: auto; overscroll-behavior: contain; padding-inline: 8px; scrollbar-width: thin; scrollbar-color: var(--_line) transparent; }
    ul { position: relative; }
    li { position: absolute; inset-inline: 0; block-size: ${ROW_HEIGHT}px; padding-block: 1px; }
  `];

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener("scroll", this.#scrolled, { passive: true });
    this.addEventListener("keydown", this.#pressed);
  }

  override render() {
    const shown = this.rows.slice(this.first, this.first + this.#capacity());
    return html`<ul role="list" aria-label=${this.label}>${repeat(shown, ({ key }) => key, ({ content }, index) => html`
      <li data-index=${this.first + index} aria-setsize=${this.rows.length} aria-posinset=${this.first + index + 1}>${content()}</li>`)}</ul>`;
  }

  override updated(): void {
    const list = this.renderRoot.querySelector("ul") as HTMLElement;
    list.style.height = `${this.rows.length * ROW_HEIGHT}px`;
    this.#active = Math.min(this.#active, Math.max(0, this.rows.length - 1));
    for (const item of list.querySelectorAll("li")) {
      const index = Number(item.dataset.index);
      item.style.top = `${index * ROW_HEIGHT}px`;
      (item.querySelector("button") as HTMLElement).tabIndex = index === this.#active || (this.#active < this.first && index === this.first) ? 0 : -1;
    }
    this.#scrolled();
  }

  /** Moves the focus to a row; answers whether it is there. */
  focusOn(key: string): boolean {
    const index = this.rows.findIndex((row) => row.key === key);
    if (index >= 0) void this.#focusRow(index);
    return index >= 0;
  }

  #capacity(): number {
    return Math.ceil((this.clientHeight || 600) / ROW_HEIGHT) + 2 * OVERSCAN;
  }

  readonly #scrolled = (): void => {
    const first = Math.max(0, Math.floor(this.scrollTop / ROW_HEIGHT) - OVERSCAN);
    if (first !== this.first) this.first = Math.min(first, Math.max(0, this.rows.length - 1));
    if (first + this.#capacity() >= this.rows.length - NEAR_END && this.#toldEndAt !== this.rows.length) {
      this.#toldEndAt = this.rows.length;
      this.tell("near-end");
    }
  };

  readonly #pressed = (event: KeyboardEvent): void => {
    const item = (event.composedPath()[0] as HTMLElement).closest("li");
    const target = item && nextIndex(event.key, Number(item.dataset.index), this.rows.length);
    if (target === null || target === undefined) return;
    event.preventDefault();
    void this.#focusRow(target);
  };

  async #focusRow(index: number): Promise<void> {
    this.#active = index;
    const top = index * ROW_HEIGHT;
    if (top < this.scrollTop) this.scrollTop = top;
    else if (top + ROW_HEIGHT > this.scrollTop + this.clientHeight) this.scrollTop = top + ROW_HEIGHT - this.clientHeight;
    this.#scrolled();
    this.requestUpdate();
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(`li[data-index="${index}"] button`)?.focus({ preventScroll: true });
  }
}

function nextIndex(key: string, index: number, length: number): number | null {
  switch (key) {
    case "ArrowDown":
      return Math.min(index + 1, length - 1);
    case "ArrowUp":
      return Math.max(index - 1, 0);
    case "Home":
      return 0;
    case "End":
      return length - 1;
    default:
      return null;
  }
}
