/**
 * The stock client with the one thing it does not tell: when it tries again. So reconnecting is done here, by a timer, for every
 * reason alike; that includes the refusals after which a stock client stays away (`44 unavailable`, `too_many_sockets`).
 */
import { io, type Socket } from "socket.io-client";
import { RequestError, type Answer, type Ask, type ErrorCode, type PushName, type Pushes, type Reply, type RequestName } from "../protocol/events.ts";
import type { Portal, SessionEndReason } from "../protocol/shapes.ts";
import { delayAfter } from "./backoff.ts";
import { isOver, type Status } from "./status.ts";

const CONNECT_WITHIN_MS = 8_000;
const ANSWER_WITHIN_MS = 10_000;

export type ConnectionOptions = {
  portal: Portal;
  /** Origin of the gateway; the page's own when not given. */
  url?: string;
  /** Mount point, default `/realtime`. */
  path?: string;
};

export class Connection {
  readonly #socket: Socket;
  readonly #tell: (status: Status) => void;
  #status: Status = { kind: "connecting" };
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor({ portal, url = "", path = "/realtime" }: ConnectionOptions, tell: (status: Status) => void) {
    this.#tell = tell;
    this.#socket = io(`${url}/${portal === "manage" ? "manage" : "tenant"}`, {
      path,
      // Polling only where there are no WebSockets: the stock client waits for ever for a constructor that throws.
      transports: typeof WebSocket === "function" ? ["websocket", "polling"] : ["polling"],
      tryAllTransports: true,
      timeout: CONNECT_WITHIN_MS,
      withCredentials: true,
      auth: { portal },
      autoConnect: false,
      reconnection: false,
      forceNew: true,
    });
    this.#socket.on("connect", () => this.#connected());
    this.#socket.on("disconnect", (reason) => this.#lost(reason === "io server disconnect" ? 1 : 0));
    this.#socket.on("connect_error", (error) => this.#refused(error));
    this.on("session:expired", ({ reason }) => this.#sessionEnded(reason));
    this.on("server:draining", ({ reconnectInMs }) => this.#set({ kind: "draining", retryAt: Date.now() + reconnectInMs }));
  }

  get status(): Status {
    return this.#status;
  }

  open(): void {
    globalThis.addEventListener?.("offline", this.#wentOffline);
    globalThis.addEventListener?.("online", this.#wentOnline);
    for (const name of ["focus", "visibilitychange"]) globalThis.addEventListener?.(name, this.#lookedAt);
    if (globalThis.navigator?.onLine === false) return this.#set({ kind: "offline" });
    this.#attempt();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    globalThis.removeEventListener?.("offline", this.#wentOffline);
    globalThis.removeEventListener?.("online", this.#wentOnline);
    for (const name of ["focus", "visibilitychange"]) globalThis.removeEventListener?.(name, this.#lookedAt);
    this.#socket.disconnect();
  }

  /** Tries at once, whatever the countdown says; after the end of a session too, for somebody who has logged in again. */
  retryNow(): void {
    if (this.#socket.connected || this.#isClosed) return;
    this.#attempt();
  }

  /** Calls back for a push; also for events of the portal's own, which come over the same socket. */
  on<Name extends PushName>(name: Name, handle: (payload: Pushes[Name]) => void): () => void;
  on(name: string, handle: (payload: never) => void): () => void;
  on(name: string, handle: (payload: never) => void): () => void {
    this.#socket.on(name, handle as (payload: unknown) => void);
    return () => this.#socket.off(name, handle as (payload: unknown) => void);
  }

  /** Emits, and answers the data of the ack. Never waits for a link: without one it is refused at once. */
  async request<Name extends RequestName>(name: Name, ask: Ask<Name>): Promise<Answer<Name>> {
    if (!this.#socket.connected) throw new RequestError("not_connected", "not connected");
    let reply: Reply<Answer<Name>>;
    try {
      reply = await this.#socket.timeout(ANSWER_WITHIN_MS).emitWithAck(name, ask);
    } catch {
      throw new RequestError("no_answer", "no answer in time");
    }
    if (reply.ok) return reply.data;
    throw new RequestError(reply.error.code, reply.error.message, reply.error.retryAfterMs);
  }

  #set(status: Status): void {
    this.#status = status;
    this.#tell(status);
  }

  #attempt(): void {
    clearTimeout(this.#timer);
    this.#set({ kind: "connecting" });
    this.#socket.connect();
  }

  #connected(): void {
    this.#failures = 0;
    clearTimeout(this.#timer);
    this.#set({ kind: "online" });
  }

  #lost(failures: number): void {
    if (this.#isClosed || isOver(this.#status) || this.#status.kind === "offline") return;
    this.#failures = Math.max(this.#failures, failures);
    if (this.#status.kind === "draining") {
      this.#retryAt(Math.max(Date.now() + 50, this.#status.retryAt), "draining");
    } else {
      this.#later();
    }
  }

  #refused(error: Error & { data?: { code?: ErrorCode } }): void {
    if (this.#isClosed || isOver(this.#status) || this.#status.kind === "offline") return;
    const code = error.data?.code;
    if (code === "unauthorized" || code === "session_expired") return this.#set({ kind: "ended", reason: "unauthorized" });
    if (code === "forbidden" || code === "invalid_namespace") return this.#set({ kind: "refused", code });
    // Some networks swallow a WebSocket without a word.
    if (error.message === "timeout") this.#socket.io.opts.transports = ["polling", "websocket"];
    this.#later();
  }

  #later(): void {
    this.#retryAt(Date.now() + delayAfter(this.#failures), "reconnecting");
    this.#failures += 1;
  }

  #retryAt(retryAt: number, kind: "reconnecting" | "draining"): void {
    this.#set({ kind, retryAt });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#attempt(), retryAt - Date.now());
  }

  #sessionEnded(reason: SessionEndReason): void {
    if (reason !== "changed") return this.#set({ kind: "ended", reason });
    // Another user now, by the same cookie: come back as that one. The server's DISCONNECT would come later and count as a loss.
    this.#set({ kind: "connecting" });
    this.#socket.once("disconnect", () => queueMicrotask(() => this.#attempt()));
  }

  readonly #wentOffline = (): void => {
    if (isOver(this.#status)) return;
    clearTimeout(this.#timer);
    this.#set({ kind: "offline" });
    this.#socket.disconnect();
  };

  /** Somebody may have logged in again in another tab. Until it is so, nothing else is said than before. */
  readonly #lookedAt = (): void => {
    if (isOver(this.#status) && !document.hidden) this.#socket.connect();
  };

  readonly #wentOnline = (): void => {
    if (this.#status.kind === "offline") this.#attempt();
  };
}
