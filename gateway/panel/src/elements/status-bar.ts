/** Says how the link is. Silent while all is well. */
import { css, html, nothing } from "lit";
import type { Status } from "../connection/status.ts";
import type { Texts } from "../texts/texts.ts";
import { PanelElement } from "./panel-element.ts";
import { baseStyles } from "./theme.ts";

/** A hiccup is not worth a word. */
const QUIET_MS = 700;

export class StatusBar extends PanelElement {
  static override properties = { status: { attribute: false }, texts: { attribute: false }, loginUrl: { attribute: false } };
  declare status: Status;
  declare texts: Texts;
  declare loginUrl: string;
  #timer: ReturnType<typeof setInterval> | undefined;
  #connectingSince = Date.now();

  static override styles = [baseStyles, css`
    .bar {
      display: flex; align-items: center; gap: 10px; padding: 8px 16px; font-size: 13px; line-height: 1.4;
      background: var(--_wait-surface); color: var(--_wait-text);
    }
    .bar p { flex: 1; min-inline-size: 0; text-wrap: pretty; }
    .over { background: var(--_bad-surface); color: var(--_bad); }
    .action { padding: 4px 10px; border-radius: 8px; font-weight: 600; color: inherit; border: 1px solid currentColor; white-space: nowrap; text-decoration: none; }
    .pulse { inline-size: 8px; block-size: 8px; border-radius: 50%; background: currentColor; animation: pulse 1.2s ease-in-out infinite; flex: none; }
    @keyframes pulse { 50% { opacity: .25; } }
  `];

  override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has("status")) return;
    clearInterval(this.#timer);
    const before = changed.get("status") as Status | undefined;
    if (this.status.kind === "connecting" && before?.kind !== "connecting") this.#connectingSince = Date.now();
    const ticks = this.status.kind === "reconnecting" ? 1_000 : this.status.kind === "connecting" ? QUIET_MS : 0;
    if (ticks > 0) this.#timer = setInterval(() => this.requestUpdate(), ticks);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  override render() {
    const said = this.#saying();
    const isOver = this.status.kind === "ended" || this.status.kind === "refused";
    // The countdown is not for a screen reader: it would talk every second.
    const isCounting = this.status.kind === "reconnecting";
    return html`<div role="status" data-testid="status" data-status=${this.status.kind}>
      ${said === "" ? nothing : html`<div class="bar ${isOver ? "over" : ""}">
        ${isOver ? nothing : html`<span class="pulse" aria-hidden="true"></span>`}
        <p><span aria-hidden=${isCounting ? "true" : nothing}>${said}</span>${isCounting ? html`<span class="said">${this.texts.reconnectingIn(0)}</span>` : nothing}</p>
        ${this.#action()}
      </div>`}
    </div>`;
  }

  #saying(): string {
    const { status, texts } = this;
    switch (status.kind) {
      case "online":
        return "";
      case "connecting":
        return Date.now() - this.#connectingSince >= QUIET_MS - 50 ? texts.connecting : "";
      case "reconnecting":
        return texts.reconnectingIn(Math.max(0, Math.ceil((status.retryAt - Date.now()) / 1_000)));
      case "offline":
        return texts.networkGone;
      case "draining":
        return texts.draining;
      case "ended":
        return `${texts.sessionEnded} ${texts.logInAgain}`;
      case "refused":
        return texts.refused;
    }
  }

  #action() {
    const { status, texts, loginUrl } = this;
    if (status.kind === "reconnecting") {
      return html`<button type="button" class="action" data-testid="retry-now" @click=${() => this.tell("retry-now")}>${texts.retryNow}</button>`;
    }
    if (status.kind !== "ended") return nothing;
    return html`<a class="action" data-testid="log-in" href=${loginUrl} @click=${(event: Event) => this.tell("log-in", event)}>${texts.logIn}</a>`;
  }
}
