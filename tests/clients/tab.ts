/** A portal open in a tab: one socket of the stock client, and everything that it received. */
import { inspect } from "node:util";
import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";
import type { Login } from "./login.ts";
import type { Ack, AckError, Diff, Message, Portal, SessionReady, Snapshot } from "./wire.ts";

export type { Portal };
export type Received = { event: string; payload: unknown };
export type Announcement = "online" | "offline" | "changed";

const DEADLINE_MS = 15_000;

/** What the server answers when it refuses: an ack with an error, or a CONNECT_ERROR. */
export class Refusal extends Error {
  readonly code: string;
  constructor(readonly error: AckError) {
    super(`${error.code}: ${error.message}`);
    this.code = error.code;
  }
}

export type TabOptions = Partial<ManagerOptions & SocketOptions> & {
  /** Where to connect; the public address when not given. */
  url?: string;
  namespace?: string;
  /** Refusals of the transport are part of the story: the client goes on trying by itself. */
  insists?: boolean;
};

export class Tab {
  readonly received: Received[] = [];
  /** Why the link was lost, one entry each time. */
  readonly disconnects: string[] = [];
  readonly socket: Socket;
  readonly #waiting = new Set<() => void>();

  private constructor(
    readonly login: Login,
    readonly portal: Portal,
    { url, namespace, insists: _, ...options }: TabOptions,
  ) {
    this.socket = io((url ?? login.origin) + (namespace ?? (portal === "manage" ? "/manage" : "/tenant")), {
      path: "/realtime",
      transports: ["websocket"],
      forceNew: true,
      extraHeaders: { cookie: login.cookie },
      auth: { portal },
      reconnectionDelay: 100,
      reconnectionDelayMax: 500,
      ...options,
    });
    this.socket.onAny((event: string, payload: unknown) => {
      this.received.push({ event, payload });
      this.#wake();
    });
    this.socket.on("connect", () => this.#wake());
    this.socket.on("disconnect", (reason) => {
      this.disconnects.push(reason);
      this.#wake();
    });
  }

  /** Opens a tab and comes back when the first snapshot is there. */
  static async open(login: Login, portal: Portal, options: TabOptions = {}): Promise<Tab> {
    const tab = new Tab(login, portal, options);
    try {
      await tab.#connected(options.insists);
      await tab.next("presence:snapshot");
    } catch (error) {
      tab.close();
      throw error;
    }
    return tab;
  }

  /** The error with which a connection is refused. */
  static async refused(login: Login, portal: Portal, options: TabOptions = {}): Promise<Error & { data?: { code?: string } }> {
    const tab = new Tab(login, portal, { reconnection: false, ...options });
    try {
      await tab.#connected();
    } catch (error) {
      return error as Error;
    } finally {
      tab.close();
    }
    throw new Error(`${login.userId} was let into ${portal}`);
  }

  get userId(): string {
    return this.login.userId;
  }

  get ready(): SessionReady {
    const ready = this.payloads<SessionReady>("session:ready").at(-1);
    if (!ready) throw new Error("no session:ready yet");
    return ready;
  }

  payloads<T>(event: string, from = 0): T[] {
    return this.received.slice(from).flatMap((entry) => (entry.event === event ? [entry.payload as T] : []));
  }

  messages(from = 0): Message[] {
    return this.payloads<Message>("message:new", from);
  }

  /** Who is online, as this tab has been told. */
  online(): Set<string> {
    const online = new Set<string>();
    for (const { event, payload } of this.received) {
      if (event === "presence:snapshot") {
        online.clear();
        for (const { id } of (payload as Snapshot).users) online.add(id);
      } else if (event === "presence:diff") {
        for (const { id } of (payload as Diff).online) online.add(id);
        for (const { id } of (payload as Diff).offline) online.delete(id);
      }
    }
    return online;
  }

  /** What presence diffs said about one user, in order. */
  announcements(userId: string, from = 0): Announcement[] {
    return this.payloads<Diff>("presence:diff", from).flatMap((diff) =>
      (["online", "offline", "changed"] as const).filter((kind) => diff[kind]?.some(({ id }) => id === userId)),
    );
  }

  async untilOnline(userId: string): Promise<void> {
    await this.until(`${userId} to be online for ${this.userId}`, () => this.online().has(userId));
  }

  async untilOffline(userId: string): Promise<void> {
    await this.until(`${userId} to be offline for ${this.userId}`, () => !this.online().has(userId));
  }

  /** The first payload of an event that fits, among those that have come and those to come. */
  async next<T>(event: string, fits: (payload: T) => boolean = () => true, from = 0): Promise<T> {
    const found = await this.until(`${event} at ${this.userId}`, () => this.payloads<T>(event, from).map((payload) => ({ payload })).find(({ payload }) => fits(payload)));
    return found.payload;
  }

  /** Looks again at everything that happens, until the answer is neither undefined nor false. */
  async until<T>(what: string, look: () => T | undefined | false, withinMs = DEADLINE_MS): Promise<T> {
    return new Promise((resolve, reject) => {
      const again = () => {
        const answer = look();
        if (answer === undefined || answer === false) return;
        clearTimeout(timer);
        this.#waiting.delete(again);
        resolve(answer);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(again);
        const history = inspect(this.received, { depth: 6, breakLength: 160, maxArrayLength: 60 });
        reject(new Error(`waited ${withinMs} ms for ${what}; received: ${history}; disconnects: ${this.disconnects.join(", ") || "none"}`));
      }, withinMs);
      this.#waiting.add(again);
      again();
    });
  }

  async ack<T>(event: string, payload?: unknown): Promise<Ack<T>> {
    const args = payload === undefined ? [] : [payload];
    return (await this.socket.timeout(DEADLINE_MS).emitWithAck(event, ...args)) as Ack<T>;
  }

  /** The data of the ack; a refusal is thrown. */
  async ask<T>(event: string, payload?: unknown): Promise<T> {
    const ack = await this.ack<T>(event, payload);
    if (ack.ok) return ack.data;
    throw new Refusal(ack.error);
  }

  /** The error of an ack that has to be a refusal. */
  async refusal(event: string, payload?: unknown): Promise<AckError> {
    const ack = await this.ack(event, payload);
    if (ack.ok) throw new Error(`${event} ${JSON.stringify(payload)} was not refused: ${JSON.stringify(ack.data)}`);
    return ack.error;
  }

  async send(to: string, body: string, clientMessageId: string = crypto.randomUUID()): Promise<Message> {
    return this.ask<Message>("message:send", { to, body, clientMessageId });
  }

  /** Whether the link still carries an answer. */
  async isAlive(): Promise<boolean> {
    let hasAnswered = false;
    const answer = () => {
      hasAnswered = true;
      this.#wake();
    };
    this.ack("presence:list", { limit: 1 }).then(answer, () => {});
    await this.until("an answer or the loss of the link", () => hasAnswered || this.disconnects.length > 0);
    return hasAnswered;
  }

  close(): void {
    this.socket.disconnect();
  }

  /** Loses the link without a word of the Socket.IO protocol, as a reload does. */
  drop(): void {
    this.socket.io.reconnection(false);
    this.socket.io.engine.close();
  }

  #connected(insists = false): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.once("connect", resolve);
      if (!insists) this.socket.once("connect_error", reject);
    });
  }

  #wake(): void {
    for (const again of [...this.#waiting]) again();
  }
}
