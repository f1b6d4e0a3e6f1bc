/** The client of an Engine.IO case: does as it is told and writes down what it sees. */
import type { OutgoingHttpHeaders } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { Exchange, exchangeRaw, type Answer } from "./exchange.ts";
import { PATH, type Server } from "./server.ts";
import type { Trace } from "./outcome.ts";
import { masked } from "./masked.ts";
import { RawWebSocket, type Frame, type WebSocketOptions } from "./web-socket.ts";

export type Query = Record<string, string>;
export type RequestOptions = { path?: string; headers?: OutgoingHttpHeaders; body?: string | Buffer };

/** An echo that tells: whatever was sent before has been seen. */
const FENCE = "4fence";
/** How long a server may take to see that a peer has gone. */
const NOTICE_MS = 250;

export class Peer {
  readonly trace: Trace = [];
  sid: string | undefined;
  readonly #exchanges = new Map<string, Exchange>();
  readonly #sockets = new Map<string, RawWebSocket>();
  readonly #told = new Map<string, number>();
  #since = Date.now();

  constructor(private readonly server: Server) {}

  tell(line: string): void {
    this.trace.push(line);
  }

  address(query: Query, path = `${PATH}/`, scheme = "http"): string {
    const sid: Query = this.sid === undefined ? {} : { sid: this.sid };
    return `${scheme}://${this.server.host}${path}?${new URLSearchParams({ EIO: "4", transport: "polling", ...sid, ...query })}`;
  }

  async request(method: string, query: Query = {}, { path, headers, body }: RequestOptions = {}): Promise<Answer> {
    return new Exchange(method, this.address(query, path), headers, body).answer;
  }

  async raw(bytes: string): Promise<string> {
    return exchangeRaw(this.server.host, bytes);
  }

  /** A poll; pings on the way are answered. */
  async poll(): Promise<Answer> {
    for (;;) {
      const answer = await this.request("GET");
      if (answer.body !== "2") return answer;
      await this.request("POST", {}, { body: "3" });
    }
  }

  /** Starts a request and leaves it open; comes back when the server has seen it. */
  async start(name: string, method: string, options: RequestOptions & { unfinished?: boolean } = {}): Promise<Exchange> {
    const exchange = new Exchange(method, this.address({}), options.headers, options.body, options.unfinished);
    this.#exchanges.set(name, exchange);
    await exchange.sent();
    await this.fence();
    return exchange;
  }

  exchange(name: string): Exchange {
    return found(this.#exchanges, name);
  }

  /** A round trip that concerns nobody: what was sent before it has been seen. */
  async fence(): Promise<void> {
    await this.request("GET", { sid: "nobody" });
    await this.request("GET", { sid: "nobody" });
  }

  async connect(name: string, query: Query = {}, options: WebSocketOptions & { path?: string } = {}): Promise<void> {
    const address = this.address({ transport: "websocket", ...query }, options.path, "ws");
    const socket = new RawWebSocket(address, options);
    this.#sockets.set(name, socket);
    this.tell(`${name} ${await socket.opened}`);
  }

  socket(name: string): RawWebSocket {
    return found(this.#sockets, name);
  }

  /** Tells the frames that have come and were not told yet. */
  tellFrames(name: string, until?: string): void {
    const { frames } = this.socket(name);
    const from = this.#told.get(name) ?? 0;
    const end = until === undefined ? frames.length : frames.findIndex((frame, index) => index >= from && frame.startsWith(until)) + 1;
    for (const frame of frames.slice(from, end)) if (frame !== FENCE) this.tell(`${name}: ${masked(frame)}`);
    this.#told.set(name, Math.max(from, end));
  }

  /** Waits for a frame and tells it, and what came before it. */
  async hear(name: string, start: string): Promise<void> {
    const socket = this.socket(name);
    const frame = await socket.frame(start, this.#told.get(name));
    this.tellFrames(name, frame === undefined ? undefined : start);
    if (frame === undefined) this.tell(`${name} closed ${socket.closed}`);
    else if (start === "0") this.sid = (JSON.parse(frame.slice(1)) as { sid: string }).sid;
  }

  /** Sends what is echoed, so that all before it has been answered; then tells how things stand. */
  async settle(name: string, fence: Frame = FENCE): Promise<void> {
    const socket = this.socket(name);
    socket.send(fence);
    await socket.frame(String(fence), this.#told.get(name));
    this.tellFrames(name);
    this.tell(socket.closed === undefined ? `${name} open` : `${name} closed ${socket.closed}`);
  }

  async tellEnd(name: string, withinMs?: number): Promise<void> {
    const socket = this.socket(name);
    if (socket.isRefused) return;
    await socket.end(withinMs);
    this.tellFrames(name);
    this.tell(`${name} closed ${socket.closed}`);
  }

  startClock(): void {
    this.#since = Date.now();
  }

  get elapsedMs(): number {
    return Date.now() - this.#since;
  }

  /** What a next request with the sid gives. */
  async tellNext(): Promise<void> {
    if (this.sid === undefined) return;
    const posted = await this.request("POST", {}, { body: FENCE });
    if (posted.status !== 200) return this.tell(`next: ${posted.told}`);
    const polled = await this.poll();
    // A ping may be due.
    const isFence =
      polled.body
        .split("\x1e")
        .filter((packet) => packet !== "2")
        .join() === FENCE;
    this.tell(isFence ? "next: lives" : `next: ${posted.told} / ${polled.told.replace(FENCE, "the fence")}`);
  }

  /** Asks until the server has seen that somebody has gone, then tells. */
  async tellNoticed(): Promise<void> {
    this.startClock();
    let answer = await this.request("POST", {}, { body: "3" });
    while (answer.status === 200 && this.elapsedMs < NOTICE_MS) {
      await pause(5);
      answer = await this.request("POST", {}, { body: "3" });
    }
    this.tell(`noticed: ${answer.told}`);
  }

  close(): void {
    for (const exchange of this.#exchanges.values()) exchange.giveUp();
    for (const socket of this.#sockets.values()) socket.vanish();
  }
}

function found<T>(among: Map<string, T>, name: string): T {
  const it = among.get(name);
  if (it === undefined) throw new Error(`the case has no ${name}`);
  return it;
}
