/** Everything that is no open conversation: search, conversations, people online. */
import { css, html, nothing } from "lit";
import type { ChatClient } from "../client.ts";
import type { User } from "../protocol/shapes.ts";
import { createNameOrder } from "../store/online-order.ts";
import { conversationsByTime, isPresenceKnown, peopleOnline, tenantsToChoose } from "../store/selectors.ts";
import type { Conversation, State } from "../store/state.ts";
import type { Texts } from "../texts/texts.ts";
import { bellIcon, chatsIcon, closeIcon, peopleIcon, searchIcon } from "./icons.ts";
import { isComposed } from "./keys.ts";
import { isTouched, PanelElement } from "./panel-element.ts";
import { conversationRow, personRow, type Context } from "./person-row.ts";
import type { Row, RowList } from "./row-list.ts";
import { baseStyles } from "./theme.ts";

export type Tab = "chats" | "online";

export class ListView extends PanelElement {
  static override properties = {
    client: { attribute: false },
    state: { attribute: false },
    texts: { attribute: false },
    tenantName: { attribute: false },
    canNotify: { attribute: false },
    tab: { attribute: false },
  };
  declare client: ChatClient;
  declare state: State;
  declare texts: Texts;
  declare tenantName: (tenantId: string) => string;
  /** Whether the browser may still be asked for notifications. */
  declare canNotify: boolean;
  /** Which list is shown. It is kept outside: this element goes while a conversation is open. */
  declare tab: Tab;
  readonly #inOrder = createNameOrder();

  static override styles = [baseStyles, css`
    :host { display: flex; flex-direction: column; min-block-size: 0; }
    header { display: flex; align-items: center; gap: 4px; padding: 14px 12px 6px 20px; }
    header:dir(rtl) { padding: 14px 20px 6px 12px; }
    h2 { flex: 1; outline: none; font-size: 20px; font-weight: 700; letter-spacing: -.01em; }
    .search { position: relative; margin: 6px 16px 8px; }
    .search > svg { position: absolute; inset-block-start: 11px; inset-inline-start: 12px; color: var(--_muted); pointer-events: none; }
    input {
      inline-size: 100%; block-size: 40px; padding: 0 40px; border: 1px solid transparent; border-radius: 12px; background: var(--_raised); font-size: 15px;
    }
    input::placeholder { color: var(--_muted); opacity: 1; }
    input:focus-visible { border-color: var(--_link); outline: 1px solid var(--_link); outline-offset: -1px; background: var(--_surface); }
    input::-webkit-search-cancel-button { display: none; }
    .clear { position: absolute; inset-block-start: 2px; inset-inline-end: 2px; }
    [role="tablist"] { display: flex; gap: 4px; padding: 0 16px; border-block-end: 1px solid var(--_line); }
    [role="tab"] { padding: 9px 12px; font-size: 14px; font-weight: 600; color: var(--_muted); border-block-end: 2px solid transparent; margin-block-end: -1px; border-radius: 6px 6px 0 0; }
    [role="tab"][aria-selected="true"] { color: var(--_link); border-color: var(--_link); }
    @media (forced-colors: active) { [aria-selected="true"] { border-color: Highlight !important; } [aria-selected="false"] { border-color: Canvas; } }
    .number { font-weight: 500; margin-inline-start: 4px; }
    .filter { display: flex; align-items: center; gap: 8px; padding: 10px 20px 2px; font-size: 13px; color: var(--_muted); }
    select { flex: 1; min-inline-size: 0; padding: 6px 8px; border: 1px solid var(--_line); border-radius: 8px; background: var(--_surface); color: var(--_text); }
    [role="tabpanel"], .results { flex: 1; min-block-size: 0; display: flex; flex-direction: column; padding-block-start: 8px; }
    rt-rows { flex: 1; padding-block-end: 8px; }
    .empty { flex: 1; display: grid; place-content: center; justify-items: center; gap: 6px; padding: 24px 32px; text-align: center; color: var(--_muted); font-size: 14px; line-height: 1.5; overflow-wrap: anywhere; }
    .empty button { font-weight: 600; color: var(--_link); text-decoration: underline; text-underline-offset: 2px; }
    .empty b { color: var(--_text); font-size: 16px; }
    .empty svg { margin-block-end: 8px; }
    .bone { display: flex; align-items: center; gap: 12px; block-size: 66px; padding-inline: 18px; }
    .bone::before { content: ""; inline-size: 42px; block-size: 42px; border-radius: 50%; background: var(--_raised); flex: none; }
    .bone::after { content: ""; flex: 1; block-size: 14px; border-radius: 7px; background: var(--_raised); }
    .bone:nth-child(even)::after { margin-inline-end: 28%; }
    .bones { animation: breathe 1.6s ease-in-out infinite; }
    @keyframes breathe { 50% { opacity: .5; } }
  `];

  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>(isTouched() ? "h2" : "input")?.focus();
  }

  /** To the row of that user, where there is one. */
  focusOn(userId: string): void {
    if (!this.renderRoot.querySelector<RowList>("rt-rows")?.focusOn(userId)) this.focus();
  }

  override render() {
    const { texts, state } = this;
    return html`
      <header part="header">
        <h2 tabindex="-1">${texts.title}</h2>
        ${this.canNotify ? html`<button type="button" class="icon-button" data-testid="allow-notifications" title=${texts.allowNotifications}
          aria-label=${texts.allowNotifications} @click=${() => this.tell("allow-notifications")}>${bellIcon}</button>` : nothing}
        <button type="button" class="icon-button" data-testid="close" title=${texts.close} aria-label=${texts.close} @click=${() => this.client.hide()}>${closeIcon}</button>
      </header>
      <div class="search" role="search">
        ${searchIcon}
        <input type="search" autocomplete="off" spellcheck="false" maxlength="100" data-testid="search" placeholder=${texts.searchLabel} aria-label=${texts.searchLabel}
          .value=${state.search.query === "" ? "" : this.#typed()} @input=${this.#searched} @keydown=${this.#pressed}>
        ${state.search.state === "idle" ? nothing : html`<button type="button" class="icon-button clear" aria-label=${texts.clearSearch} title=${texts.clearSearch}
          data-testid="clear-search" @click=${this.#cleared}>${closeIcon}</button>`}
      </div>
      ${state.search.state === "idle" ? this.#tabs() : this.#results()}`;
  }

  #typed(): string {
    return this.renderRoot.querySelector("input")?.value ?? this.state.search.query;
  }

  readonly #searched = (event: Event): void => this.client.search((event.target as HTMLInputElement).value);

  /** The first Escape is for what was written, the next one for the panel. */
  readonly #pressed = (event: KeyboardEvent): void => {
    const field = event.target as HTMLInputElement;
    if (event.key !== "Escape" || field.value === "" || isComposed(event)) return;
    event.preventDefault();
    field.value = "";
    this.client.search("");
  };

  readonly #reload = (): void => {
    // The button goes, and the focus would go with it.
    this.focus();
    void this.client.loadMoreConversations();
  };

  readonly #cleared = (): void => {
    this.client.search("");
    this.focus();
  };

  #context(): Context {
    const { state, texts, tenantName } = this;
    return { state, texts, tenantName, open: (userId) => this.client.openConversation(userId) };
  }

  #results() {
    const { search } = this.state;
    const { texts } = this;
    const said = { searching: texts.searching, failed: texts.searchFailed, done: texts.nothingFound(search.query), idle: "" }[search.state];
    return html`<div class="results" data-testid="search-results">${search.results.length > 0
      ? this.#list(search.results, (context, user) => personRow(context, user, "search-result"), texts.searchLabel)
      : html`<div class="empty" role="status">${said}</div>`}</div>`;
  }

  #tabs() {
    const { texts, tab } = this;
    const online = Math.max(0, this.state.presence.total - 1);
    const one = (name: Tab, label: string, number?: number) => html`<button type="button" role="tab" id="tab-${name}" data-testid="tab-${name}"
      aria-selected=${tab === name} aria-controls="tab-panel" tabindex=${tab === name ? 0 : -1} @click=${() => this.tell("tab", name)}>${label}${number === undefined ? nothing
        : html`<span class="number">${number.toLocaleString(texts.locale)}</span>`}</button>`;
    return html`<div role="tablist" aria-label=${texts.title} @keydown=${this.#tabPressed}>${one("chats", texts.chatsTab)}${one("online", texts.onlineTab, isPresenceKnown(this.state) ? online : undefined)}</div>
      ${this.#tenantFilter()}
      <div role="tabpanel" id="tab-panel" aria-labelledby="tab-${tab}">${tab === "chats" ? this.#chats() : this.#online()}</div>`;
  }

  readonly #tabPressed = (event: KeyboardEvent): void => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const other: Tab = this.tab === "chats" ? "online" : "chats";
    this.tell("tab", other);
    this.renderRoot.querySelector<HTMLElement>(`#tab-${other}`)?.focus();
  };

  #tenantFilter() {
    const { state, texts, tenantName } = this;
    const tenants = tenantsToChoose(state);
    if (state.self?.kind !== "manage" || tenants.length === 0) return nothing;
    return html`<label class="filter"><span>${texts.tenantFilter}</span><select data-testid="tenant-filter" @change=${(event: Event) => {
      this.client.filterByTenant((event.target as HTMLSelectElement).value || null);
    }}>
      <option value="" .selected=${state.tenantFilter === null}>${texts.allTenants}</option>
      ${tenants.map(({ tenantId, online }) => html`<option value=${tenantId} .selected=${state.tenantFilter === tenantId}>${texts.tenantCount(tenantName(tenantId), online)}</option>`)}
    </select></label>`;
  }

  #chats() {
    const { state, texts } = this;
    const conversations = conversationsByTime(state);
    if (conversations.length > 0) return this.#list(conversations, conversationRow, texts.chatsTab, () => void this.client.loadMoreConversations());
    if (state.hasListFailed) {
      return html`<div class="empty" role="alert">${texts.loadFailed}<button type="button" data-testid="reload" @click=${this.#reload}>${texts.retry}</button></div>`;
    }
    if (!state.isListed) return html`<div class="bones" data-testid="loading" role="img" aria-label=${texts.loading}>${[1, 2, 3, 4, 5].map(() => html`<div class="bone"></div>`)}</div>`;
    return html`<div class="empty">${chatsIcon}<b>${texts.noChats}</b><span>${texts.noChatsHint}</span></div>`;
  }

  #online() {
    const { state, texts } = this;
    const online = peopleOnline(state);
    // By name while everybody is known; in the server's order otherwise, since a later page would push away what is looked at.
    const people = state.presence.mode === "all" ? this.#inOrder(online) : online;
    if (people.length === 0) return html`<div class="empty">${peopleIcon}<span>${texts.nobodyOnline}</span></div>`;
    return this.#list(people, (context, user) => personRow(context, user, "online-user"), texts.onlineTab, () => void this.client.loadMorePeople());
  }

  #list<Item extends User | Conversation>(
    items: readonly Item[],
    draw: (context: Context, item: Item) => ReturnType<typeof html>,
    label: string,
    onNearEnd: () => void = () => {},
  ) {
    const context = this.#context();
    const rows: Row[] = items.map((item) => ({ key: "peerId" in item ? item.peerId : item.id, content: () => draw(context, item) }));
    return html`<rt-rows .rows=${rows} .label=${label} @near-end=${onNearEnd}></rt-rows>`;
  }
}
