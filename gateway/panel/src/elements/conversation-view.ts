/** An open conversation: whom with, what was said, what is being written. */
import { css, html, nothing } from "lit";
import type { ChatClient } from "../client.ts";
import { isOver } from "../connection/status.ts";
import { isOnline, nameOf } from "../store/selectors.ts";
import { emptyConversation, type State } from "../store/state.ts";
import type { Texts } from "../texts/texts.ts";
import { avatar, avatarStyles } from "./avatar.ts";
import { backIcon, closeIcon } from "./icons.ts";
import { isTouched, PanelElement } from "./panel-element.ts";
import { presenceText } from "./person-row.ts";
import { baseStyles } from "./theme.ts";

export class ConversationView extends PanelElement {
  static override properties = {
    client: { attribute: false },
    state: { attribute: false },
    texts: { attribute: false },
    tenantName: { attribute: false },
    isLooking: { attribute: false },
  };
  declare client: ChatClient;
  declare state: State;
  declare texts: Texts;
  declare tenantName: (tenantId: string) => string;
  /** Whether the page is visible and has the focus. */
  declare isLooking: boolean;
  #seen: { upToSeq: number; isAtEnd: boolean } | undefined;

  static override styles = [baseStyles, avatarStyles, css`
    :host { display: flex; flex-direction: column; min-block-size: 0; }
    header { display: flex; align-items: center; gap: 10px; padding: 10px 12px 10px 8px; border-block-end: 1px solid var(--_line); }
    header:dir(rtl) { padding: 10px 8px 10px 12px; }
    .who { flex: 1; min-inline-size: 0; }
    h2, .who p, .typing > :last-child { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    h2 { font-size: 16px; font-weight: 650; line-height: 1.3; }
    .who p { font-size: 12.5px; line-height: 1.35; color: var(--_muted); }
    .who p.is-online { color: var(--_good); }
    rt-messages { flex: 1; }
    .typing { display: flex; align-items: center; gap: 8px; block-size: 22px; padding-inline: 20px; font-size: 12.5px; color: var(--_muted); }
    .dots { display: flex; gap: 3px; flex: none; }
    .dots i { inline-size: 5px; block-size: 5px; border-radius: 50%; background: currentColor; animation: hop 1.2s infinite; }
    .dots i:nth-child(2) { animation-delay: .15s; } .dots i:nth-child(3) { animation-delay: .3s; }
    @keyframes hop { 30% { transform: translateY(-3px); } 60% { transform: none; } }
  `];

  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>(isTouched() ? "rt-messages" : "rt-composer")?.focus();
  }

  override willUpdate(changed: Map<string, unknown>): void {
    const before = changed.get("state") as State | undefined;
    if (before && before.peerId !== this.state.peerId) this.#seen = undefined;
  }

  override updated(): void {
    this.#read();
  }

  override render() {
    const { state, texts, client } = this;
    const peerId = state.peerId ?? "";
    const conversation = state.conversations.get(peerId) ?? emptyConversation(peerId);
    const name = nameOf(state, peerId);
    const isHere = isOnline(state, peerId);
    const isTyping = conversation.typingUntil > Date.now();
    const tenantId = state.self?.kind === "manage" ? state.people.get(peerId)?.tenantId : undefined;
    return html`
      <header part="header">
        <button type="button" class="icon-button flips" data-testid="back" aria-label=${texts.back} title=${texts.back} @click=${() => client.showList()}>${backIcon}</button>
        ${avatar(peerId, name, isHere)}
        <div class="who"><h2 data-testid="peer-name"><bdi>${name}</bdi></h2><p class=${isHere ? "is-online" : ""} data-testid="peer-presence">${presenceText(this, peerId)}${tenantId ? ` · ${this.tenantName(tenantId)}` : nothing}</p></div>
        <button type="button" class="icon-button" data-testid="close" aria-label=${texts.close} title=${texts.close} @click=${() => client.hide()}>${closeIcon}</button>
      </header>
      <rt-messages exportparts="message,own-message,peer-message" data-testid="conversation" data-user-id=${peerId} .conversation=${conversation} .outbox=${state.outbox} .texts=${texts} .peerName=${name} .clockOffsetMs=${state.clockOffsetMs}
        @near-top=${() => void client.loadEarlier(peerId)} @reload=${() => void client.retryLoading(peerId)} @retry=${(event: CustomEvent<string>) => client.retry(event.detail)}
        @drop=${(event: CustomEvent<string>) => client.drop(event.detail)} @seen=${this.#sawMore}></rt-messages>
      <div class="typing" role="status" data-testid="typing">${isTyping ? html`<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span><span>${texts.typing(name)}</span>` : nothing}</div>
      <rt-composer part="composer" .draft=${conversation.draft} .bodyMax=${state.limits.bodyMax} .peerName=${name} .texts=${texts} .isClosed=${isOver(state.status)}
        @draft=${(event: CustomEvent<string>) => client.setDraft(peerId, event.detail)} @typing=${(event: CustomEvent<boolean>) => client.setTyping(peerId, event.detail)}
        @send=${(event: CustomEvent<string>) => this.#send(peerId, event.detail)}></rt-composer>`;
  }

  #send(peerId: string, body: string): void {
    this.client.send(peerId, body);
    this.client.setDraft(peerId, "");
  }

  readonly #sawMore = (event: CustomEvent<{ upToSeq: number; isAtEnd: boolean }>): void => {
    this.#seen = event.detail;
    this.#read();
  };

  /** Read is what stood on a page that somebody looked at. */
  #read(): void {
    const { peerId } = this.state;
    const isSeen = this.isLooking && this.#seen !== undefined && peerId !== null;
    this.client.lookAt(isSeen && this.#seen?.isAtEnd ? peerId : null);
    if (isSeen && this.#seen) this.client.markRead(peerId, this.#seen.upToSeq);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.client.lookAt(null);
  }
}
