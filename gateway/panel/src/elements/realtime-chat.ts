/** `<realtime-chat portal="dashboard">`: the floating button, and the panel that it opens. */
import { html, LitElement, nothing } from "lit";
import { connect, type ChatClient } from "../client.ts";
import type { Message, Portal } from "../protocol/shapes.ts";
import { unreadTotal } from "../store/selectors.ts";
import type { State } from "../store/state.ts";
import { onceAFrame } from "../sync/frame.ts";
import { onOwnerChanged, ownerOf } from "../sync/owner.ts";
import { textsFor, type Texts } from "../texts/texts.ts";
import { canAskToNotify, notify, showInTitle } from "./attention.ts";
import { COVERING, goRound } from "./cover.ts";
import { chatIcon, closeIcon } from "./icons.ts";
import { isComposed } from "./keys.ts";
import type { ListView, Tab } from "./list-view.ts";
import { launcherStyles } from "./launcher-styles.ts";
import { baseStyles, themeStyles } from "./theme.ts";

/** So long another tab of mine has for saying that it was read there. */
const READ_ELSEWHERE_MS = 400;
const MINUTE_MS = 60_000;

export class RealtimeChat extends LitElement {
  static override properties = {
    portal: {},
    url: {},
    path: {},
    lang: {},
    loginUrl: { attribute: "login-url" },
    noTitleBadge: { attribute: "no-title-badge", type: Boolean },
    tenantNames: { attribute: false },
    isLooking: { state: true },
    announced: { state: true },
    tab: { state: true },
  };
  declare portal: Portal;
  declare url: string;
  declare path: string;
  declare loginUrl: string;
  declare noTitleBadge: boolean;
  /** What tenants are called; the id stands in for a name that is missing. */
  declare tenantNames: Readonly<Record<string, string>>;
  declare isLooking: boolean;
  declare announced: string;
  declare tab: Tab;
  #client: ChatClient | undefined;
  #connectedTo = "";
  /** Whether the panel is the page. */
  readonly #covering = matchMedia(COVERING.cssText);
  #stop: (() => void)[] = [];
  #shownView: State["view"] = "closed";
  #shownPeer: string | null = null;
  #toldUnread = -1;

  constructor() {
    super();
    this.portal = "dashboard";
    this.url = "";
    this.path = "/realtime";
    this.loginUrl = "/";
    this.noTitleBadge = false;
    this.tenantNames = {};
    this.isLooking = false;
    this.announced = "";
    this.tab = "chats";
  }

  static override styles = [themeStyles, baseStyles, launcherStyles];

  /** The chat beneath: state, events, commands. There while the element is in a document. */
  get client(): ChatClient | undefined {
    return this.#client;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#connect();
    for (const name of ["focus", "blur"] as const) window.addEventListener(name, this.#looked);
    document.addEventListener("visibilitychange", this.#looked);
    this.#covering.addEventListener("change", this.#resized);
    this.#looked();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#disconnect();
    for (const name of ["focus", "blur"] as const) window.removeEventListener(name, this.#looked);
    document.removeEventListener("visibilitychange", this.#looked);
    this.#covering.removeEventListener("change", this.#resized);
    if (!this.noTitleBadge) showInTitle(0);
  }

  override willUpdate(): void {
    // Another portal, or another server, is another connection.
    if (!this.#client || this.#address === this.#connectedTo) return;
    this.#disconnect();
    this.#connect();
  }

  get #address(): string {
    return [this.portal, this.url, this.path].join();
  }

  #connect(): void {
    this.#connectedTo = this.#address;
    const client = connect({ portal: this.portal, url: this.url, path: this.path });
    this.#client = client;
    const draw = onceAFrame(() => this.requestUpdate());
    // What was a minute ago is two minutes ago, whether anything happens or not.
    const minutes = setInterval(draw, MINUTE_MS);
    this.#stop = [
      client.subscribe((state, before) => {
        draw();
        if (state.status !== before.status) this.#tellStatus(state);
      }),
      // Nobody hears what was said to the one before.
      onOwnerChanged(client, () => { this.announced = ""; }),
      client.on("message:new", (message) => void this.#heard(client, message)),
      () => client.close(),
      () => clearInterval(minutes),
    ];
  }

  #disconnect(): void {
    for (const stop of this.#stop.splice(0)) stop();
    this.#client = undefined;
    this.announced = "";
  }

  override render() {
    const client = this.#client;
    if (!client) return nothing;
    const state = client.getState();
    const texts = this.#texts;
    const unread = unreadTotal(state);
    const isOpen = state.view !== "closed";
    return html`<div class="root" lang=${texts.locale} @keydown=${this.#pressed}>
      ${isOpen ? this.#panel(client, state, texts) : nothing}
      <button type="button" class="launcher" part="button" data-testid="chat-button" data-unread=${unread} data-status=${state.status.kind} aria-expanded=${isOpen}
          aria-label=${isOpen ? texts.close : texts.openChat(unread)} @click=${() => (isOpen ? client.hide() : client.showList())}>
        ${isOpen ? closeIcon : chatIcon}
        ${unread > 0 && !isOpen ? html`<span class="badge" part="badge" aria-hidden="true">${unread > 99 ? "99+" : unread.toLocaleString(texts.locale)}</span>` : nothing}
      </button>
      <div class="said" aria-live="polite" data-testid="announcer">${this.announced}</div>
    </div>`;
  }

  #panel(client: ChatClient, state: State, texts: Texts) {
    const tenantName = (tenantId: string) => (Object.hasOwn(this.tenantNames, tenantId) && this.tenantNames[tenantId]) || tenantId;
    // The page's direction decides the corner, the language's what is inside.
    return html`<section class="panel" part="panel" role="dialog" aria-modal=${this.#covering.matches} aria-label=${texts.title} data-testid="panel" data-view=${state.view}>
      ${state.view === "list"
        ? html`<rt-list dir=${texts.dir} exportparts="header" .client=${client} .state=${state} .texts=${texts} .tenantName=${tenantName} .canNotify=${canAskToNotify()} .tab=${this.tab} @tab=${(event: CustomEvent<Tab>) => { this.tab = event.detail; }} @allow-notifications=${this.#askToNotify}></rt-list>`
        : html`<rt-conversation dir=${texts.dir} exportparts="header,composer,message,own-message,peer-message" .client=${client} .state=${state} .texts=${texts} .tenantName=${tenantName} .isLooking=${this.isLooking}></rt-conversation>`}
      <rt-status dir=${texts.dir} .status=${state.status} .texts=${texts} .loginUrl=${this.loginUrl} @retry-now=${this.#retryNow} @log-in=${this.#logIn}></rt-status>
    </section>`;
  }

  override updated(): void {
    const state = this.#client?.getState();
    if (!state) return;
    const unread = unreadTotal(state);
    if (!this.noTitleBadge) showInTitle(unread);
    if (unread !== this.#toldUnread) {
      this.#toldUnread = unread;
      this.#tell("chat-unread", { unread });
    }
    this.#moveFocus(state);
  }

  get #texts(): Texts {
    return textsFor(this.lang || document.documentElement.lang || "en");
  }

  /** To what has opened; back to the button when it has closed. */
  #moveFocus({ view, peerId }: State): void {
    if (view === this.#shownView && peerId === this.#shownPeer) return;
    const isWithin = this.shadowRoot?.activeElement !== null || this.#shownView === "closed" || document.activeElement === document.body;
    const isBack = this.#shownView === "conversation" && view === "list" && peerId !== null;
    [this.#shownView, this.#shownPeer] = [view, peerId];
    if (!isWithin) return;
    if (isBack) {
      const list = this.renderRoot.querySelector("rt-list") as ListView;
      return void list.updateComplete.then(() => list.focusOn(peerId));
    }
    const target = { closed: ".launcher", list: "rt-list", conversation: "rt-conversation" }[view];
    const element = this.renderRoot.querySelector<LitElement>(target);
    if (!(element instanceof LitElement)) return element === null ? undefined : (element as HTMLElement).focus();
    void element.updateComplete.then(() => element.focus());
  }

  readonly #pressed = (event: KeyboardEvent): void => {
    const panel = this.renderRoot.querySelector(".panel");
    if (event.key === "Tab" && panel && this.#covering.matches) goRound(panel, event);
    if (event.key !== "Escape" || event.defaultPrevented || isComposed(event)) return;
    event.stopPropagation();
    this.#client?.hide();
  };

  readonly #retryNow = (): void => {
    // Its button goes with the countdown.
    this.renderRoot.querySelector<HTMLElement>("rt-list, rt-conversation")?.focus();
    this.#client?.retryNow();
  };

  readonly #resized = (): void => this.requestUpdate();

  readonly #looked = (): void => {
    this.isLooking = !document.hidden && document.hasFocus();
  };

  readonly #askToNotify = async (): Promise<void> => {
    await Notification.requestPermission();
    this.requestUpdate();
  };

  readonly #logIn = (event: CustomEvent<Event>): void => {
    if (!this.#tell("chat-login", {})) event.detail.preventDefault();
  };

  async #heard(client: ChatClient, { senderId, body, seq }: Message): Promise<void> {
    const before = client.getState();
    if (senderId === before.self?.id) return;
    const isAway = !this.isLooking;
    await client.meet(senderId);
    const state = client.getState();
    if (ownerOf(state) !== ownerOf(before)) return;
    const name = state.people.get(senderId)?.name ?? this.#texts.newMessage;
    this.#announce(this.#texts.newMessageFrom(name, body.slice(0, 200)));
    if (!isAway) return;
    setTimeout(() => {
      const { myReadSeq = 0 } = client.getState().conversations.get(senderId) ?? {};
      if (client === this.#client && myReadSeq < seq) notify(senderId, name, body, () => client.openConversation(senderId));
    }, READ_ELSEWHERE_MS);
  }

  /** The same words a second time are another text, or nobody would hear them again. */
  #announce(text: string): void {
    this.announced = text === this.announced ? `${text}\u00a0` : text;
  }

  #tellStatus(state: State): void {
    this.#tell("chat-status", state.status);
    // The page around may belong to somebody who is no longer logged in.
    if (state.status.kind === "ended") this.#tell("chat-session-ended", { reason: state.status.reason });
  }

  /** Answers whether the portal lets the panel go on. */
  #tell(name: string, detail: unknown): boolean {
    return this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable: true }));
  }
}
