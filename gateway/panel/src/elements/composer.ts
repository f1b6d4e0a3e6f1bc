/** Where a message is written. Enter sends, Shift+Enter breaks the line. */
import { css, html, nothing } from "lit";
import { lengthOf } from "../store/selectors.ts";
import type { Texts } from "../texts/texts.ts";
import { sendIcon } from "./icons.ts";
import { isComposed } from "./keys.ts";
import { PanelElement } from "./panel-element.ts";
import { baseStyles } from "./theme.ts";

/** From here on the limit is told. */
const TOLD_FROM = 0.9;
const HEIGHT_MAX = 140;

export class Composer extends PanelElement {
  static override properties = {
    draft: { attribute: false },
    bodyMax: { attribute: false },
    peerName: { attribute: false },
    texts: { attribute: false },
    isClosed: { attribute: false },
  };
  declare draft: string;
  declare bodyMax: number;
  declare peerName: string;
  declare texts: Texts;
  /** Nothing can be sent any more: the session has ended. */
  declare isClosed: boolean;

  static override styles = [baseStyles, css`
    form { display: flex; align-items: flex-end; gap: 8px; padding: 10px 12px 12px; border-block-start: 1px solid var(--_line); }
    textarea {
      flex: 1; min-inline-size: 0; min-block-size: 42px; max-block-size: ${HEIGHT_MAX}px; padding: 10px 14px; border: 1px solid var(--_line); border-radius: 21px; resize: none;
      background: var(--_surface); font-size: 15px; line-height: 20px; scrollbar-width: thin; unicode-bidi: plaintext;
    }
    textarea::placeholder { color: var(--_muted); opacity: 1; }
    textarea:focus-visible { border-color: var(--_link); outline: 1px solid var(--_link); outline-offset: -1px; }
    textarea:read-only { background: var(--_raised); border-color: transparent; }
    button { display: grid; place-items: center; inline-size: 42px; block-size: 42px; flex: none; border: 1px solid transparent; border-radius: 50%; background: var(--_accent); color: var(--_on-accent); transition: filter .12s; }
    button:hover:not([aria-disabled="true"]) { filter: brightness(1.1); }
    button[aria-disabled="true"] { background: var(--_raised); color: var(--_muted); cursor: default; }
    .limit { padding: 0 26px 10px; margin-block-start: -4px; font-size: 12px; color: var(--_muted); }
    .over { color: var(--_bad); font-weight: 600; }
  `];

  override focus(): void {
    this.#field.focus();
  }

  override render() {
    const { texts, draft, bodyMax } = this;
    const length = lengthOf(draft);
    const canSend = !this.isClosed && draft.trim() !== "" && length <= bodyMax;
    const left = bodyMax - length;
    return html`<form @submit=${this.#submitted}>
        <textarea rows="1" dir="auto" data-testid="message-input" placeholder=${texts.write} aria-label=${texts.writeTo(this.peerName)} aria-describedby="limit"
          aria-invalid=${left < 0} enterkeyhint="send" .value=${draft} ?readonly=${this.isClosed} @input=${this.#written} @keydown=${this.#pressed} @blur=${() => this.tell("typing", false)}></textarea>
        <button type="submit" class="flips" data-testid="message-send" aria-label=${texts.send} title=${texts.send} aria-disabled=${!canSend}>${sendIcon}</button>
      </form>
      <p id="limit" class=${length === 0 || left > bodyMax * (1 - TOLD_FROM) ? "said" : left < 0 ? "limit over" : "limit"} data-testid="limit" aria-live="polite">${
        left > bodyMax * (1 - TOLD_FROM) ? nothing : left < 0 ? texts.tooLong(-left) : texts.charactersLeft(left)}</p>`;
  }

  override updated(): void {
    const field = this.#field;
    field.style.height = "auto";
    field.style.height = `${Math.min(HEIGHT_MAX, field.scrollHeight + 2)}px`;
    field.style.overflowY = field.scrollHeight > HEIGHT_MAX ? "auto" : "hidden";
  }

  get #field(): HTMLTextAreaElement {
    return this.renderRoot.querySelector("textarea") as HTMLTextAreaElement;
  }

  readonly #written = (): void => {
    this.draft = this.#field.value;
    this.tell("draft", this.draft);
    this.tell("typing", this.draft.trim() !== "");
  };

  readonly #pressed = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || event.shiftKey || isComposed(event)) return;
    event.preventDefault();
    this.#submit();
  };

  readonly #submitted = (event: Event): void => {
    event.preventDefault();
    this.#submit();
  };

  #submit(): void {
    const body = this.#field.value;
    if (this.isClosed || body.trim() === "" || lengthOf(body) > this.bodyMax) return;
    // At once: a second Enter may come before the next frame.
    this.#field.value = this.draft = "";
    this.tell("send", body);
  }
}
