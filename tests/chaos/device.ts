/** A tab with the stock client, as the README's recipe has it: it comes back by itself, syncs, and keeps what it holds. */
import { io, type Socket } from "socket.io-client";
import type { Login } from "../clients/login.ts";
import type { Portal } from "../clients/tab.ts";
import { clientOptions, type Transport } from "../clients/transport.ts";
import type { Ack, Diff, Message, OnlineUser, Snapshot, Sync } from "../clients/wire.ts";
import type { Ledger } from "./ledger.ts";
import { markersIn } from "./population.ts";

const ANSWER_WITHIN_MS = 6_000;
const COME_BACK_MS = 300;

export type DeviceOptions = { name: string; url: string; portal: Portal; transport: Transport; watches: string[]; ledger: Ledger; loginAgain: (old: Login) => Promise<Login> };

export class Device {
  /** By conversation and number, as the panel keeps them. */
  readonly held = new Map<string, Map<number, Message>>();
  /** Whom this device believes to be online; undefined while it does not know. */
  online: Set<string> | undefined;
  /** Changes that came while a watch was not answered yet: the answer may be older than they are. */
  #early: Diff[] = [];
  /** Who was said to have left, at this connection. */
  readonly #gone = new Set<string>();
  #socket: Socket | undefined;
  #connections = 0;
  #isReady = false;
  #syncs: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(
    private login: Login,
    private readonly options: DeviceOptions,
  ) {
    this.#open();
  }

  get name(): string {
    return this.options.name;
  }

  get userId(): string {
    return this.login.userId;
  }

  get tenantId(): string | null {
    return this.login.account.tenantId;
  }

  /** Names the present connection in the ledger. */
  get connection(): string {
    return `${this.name}/${this.#connections}`;
  }

  get isReady(): boolean {
    return this.#isReady && this.#socket?.connected === true;
  }

  get messages(): Message[] {
    return [...this.held.values()].flatMap((conversation) => [...conversation.values()]);
  }

  /** The answer; undefined when none came in time or there is no link. */
  async ask<T>(event: string, payload: unknown): Promise<Ack<T> | undefined> {
    if (!this.isReady) return undefined;
    return this.#socket!.timeout(ANSWER_WITHIN_MS).emitWithAck(event, payload).catch(() => undefined) as Promise<Ack<T> | undefined>;
  }

  /** Everything newer than what is held, page by page. False: it could not be had just now. */
  async sync(): Promise<boolean> {
    for (;;) {
      const connection = this.connection;
      const answer = await this.ask<Sync>("sync", { since: this.#since() });
      if (!answer?.ok) return false;
      answer.data.messages.forEach((message) => this.#keep(message));
      for (const [conversationId, marks] of Object.entries(answer.data.reads)) this.#noteMarks(connection, conversationId, marks);
      if (!answer.data.hasMore) return true;
    }
  }

  /** A new page in the same tab: it knows nothing. */
  reload(): void {
    this.#abandon();
    this.held.clear();
    this.#open();
  }

  /** Loses the link without a word, and comes back by itself. */
  drop(): void {
    this.#socket?.io.engine?.close();
  }

  /** Does not come back once the gateway has ended it. */
  staysAway(): void {
    this.#isClosed = true;
  }

  close(): void {
    this.#isClosed = true;
    this.#isReady = false;
    this.#socket?.disconnect();
  }

  #open(): void {
    const { url, portal, transport } = this.options;
    const socket = io(url + (portal === "manage" ? "/manage" : "/tenant"), {
      path: "/realtime",
      forceNew: true,
      extraHeaders: { cookie: this.login.cookie },
      auth: { portal },
      reconnectionDelay: 100,
      reconnectionDelayMax: 1_000,
      timeout: 4_000,
      ...clientOptions(transport),
    });
    this.#socket = socket;
    socket.io.on("open", () => socket.io.engine.on("packet", ({ data }: { data?: unknown }) => this.#search(data)));
    socket.on("disconnect", (reason) => {
      this.#isReady = false;
      this.online = undefined;
      if (reason === "io server disconnect") void this.#comeBack(socket);
    });
    socket.on("connect_error", (error: Error & { data?: { code?: string } }) => {
      // The client tries again by itself, unless the gateway has spoken.
      if (!socket.active) void this.#comeBack(socket, error.data?.code);
    });
    this.#listen(socket);
  }

  #listen(socket: Socket): void {
    const { ledger } = this.options;
    socket.on("session:ready", () => {
      this.#connections += 1;
      this.#gone.clear();
      this.#early = [];
      this.#isReady = true;
      this.#catchUp();
      if (this.options.watches.length > 0) void this.#watch();
    });
    socket.on("sync:required", () => this.#catchUp());
    socket.on("message:new", (message: Message) => {
      ledger.delivered.push({ connection: this.connection, userId: this.userId, message });
      this.#keep(message);
    });
    socket.on("presence:snapshot", ({ users }: Snapshot) => {
      if (this.options.watches.length === 0) this.online = new Set(users.map(({ id }) => id));
    });
    socket.on("presence:diff", (diff: Diff) => this.#apply(diff));
    for (const kind of ["read", "delivered"] as const) {
      socket.on(`message:${kind}`, ({ conversationId, by, upToSeq }: { conversationId: string; by: string; upToSeq: number }) => {
        ledger.marks.push({ connection: this.connection, conversationId, by, kind, upToSeq, isPush: true });
      });
    }
  }

  /** One at a time: a second page would be asked for with an old `since`. */
  #catchUp(): void {
    this.#syncs = this.#syncs.then(async () => {
      for (let tries = 0; this.isReady && tries < 20; tries += 1) {
        if (await this.sync()) return;
        await new Promise((resolve) => setTimeout(resolve, COME_BACK_MS));
      }
    });
  }

  async #watch(): Promise<void> {
    const connection = this.connection;
    const answer = await this.ask<{ users: OnlineUser[] }>("presence:watch", { userIds: this.options.watches });
    if (connection !== this.connection || !this.isReady) return;
    if (answer?.ok) {
      this.online = new Set(answer.data.users.map(({ id }) => id));
      for (const diff of this.#early.splice(0)) this.#apply(diff);
    } else setTimeout(() => void this.#watch(), COME_BACK_MS);
  }

  #apply({ online, offline }: Diff): void {
    const known = this.online;
    if (!known) {
      this.#early.push({ online, offline });
      return;
    }
    for (const { id } of online) {
      known.add(id);
      this.#gone.delete(id);
    }
    for (const { id } of offline) {
      // The answer to a watch may be newer than the changes that are on their way by then; a snapshot may not.
      const wasOnline = known.has(id) || (this.options.watches.length > 0 && !this.#gone.has(id));
      this.options.ledger.toldOffline.push({ connection: this.connection, observerId: this.userId, userId: id, wasOnline });
      known.delete(id);
      this.#gone.add(id);
    }
  }

  async #comeBack(socket: Socket, code = "session_expired"): Promise<void> {
    if (this.#isClosed) return;
    if (code === "unauthorized" || code === "session_expired") {
      this.login = await this.options.loginAgain(this.login);
      (socket.io.opts.extraHeaders as { cookie: string }).cookie = this.login.cookie;
    } else {
      await new Promise((resolve) => setTimeout(resolve, COME_BACK_MS));
    }
    if (!this.#isClosed && socket === this.#socket) socket.connect();
  }

  #abandon(): void {
    const socket = this.#socket;
    this.#isReady = false;
    this.online = undefined;
    if (!socket) return;
    socket.off();
    socket.io.reconnection(false);
    socket.io.engine?.close();
    socket.disconnect();
  }

  #keep(message: Message): void {
    const conversation = this.held.get(message.conversationId) ?? new Map<number, Message>();
    this.held.set(message.conversationId, conversation.set(message.seq, message));
  }

  /** The last number of each conversation up to which nothing is missing. */
  #since(): Record<string, number> {
    return Object.fromEntries(
      [...this.held].map(([id, conversation]) => {
        let seq = 0;
        while (conversation.has(seq + 1)) seq += 1;
        return [id, seq];
      }),
    );
  }

  #noteMarks(connection: string, conversationId: string, { myReadSeq, peerReadSeq, peerDeliveredSeq }: Sync["reads"][string]): void {
    const peer = conversationId.split(":").slice(1).find((id) => id !== this.userId) ?? "";
    const mark = { connection, conversationId, isPush: false };
    this.options.ledger.marks.push(
      { ...mark, by: this.userId, kind: "read", upToSeq: myReadSeq },
      { ...mark, by: peer, kind: "read", upToSeq: peerReadSeq },
      { ...mark, by: peer, kind: "delivered", upToSeq: peerDeliveredSeq },
    );
  }

  #search(data: unknown): void {
    const { tenantId } = this.login.account;
    if (typeof data !== "string" || tenantId === null) return;
    const { leaked } = this.options.ledger;
    for (const marker of markersIn(data)) {
      if (marker === tenantId || leaked.some((known) => known.userId === this.userId && known.marker === marker)) continue;
      leaked.push({ userId: this.userId, tenantId, marker, frame: data });
    }
  }
}
