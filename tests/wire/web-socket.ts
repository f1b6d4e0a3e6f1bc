/** A bare WebSocket: every frame that came, as the trace tells it, and how it ended. */
import type { IncomingMessage } from "node:http";
import { text as read } from "node:stream/consumers";
import WebSocket from "ws";
import { masked } from "./masked.ts";

const WITHIN_MS = 5_000;

export type Frame = string | Buffer;

export type WebSocketOptions = { headers?: Record<string, string>; protocols?: string[]; isSilent?: boolean };

export class RawWebSocket {
  /** Every frame; binary ones as `binary` and their bytes in hex. */
  readonly frames: string[] = [];
  /** Comes with the first of: it is open, it is refused. */
  readonly opened: Promise<string>;
  /** The close code, once it is closed. */
  closed: number | undefined;
  isRefused = false;
  readonly #socket: WebSocket;
  readonly #waiting = new Set<() => void>();

  /** Answers pings by itself, and tells nothing of them, unless `isSilent`. */
  constructor(address: string, { headers = {}, protocols = [], isSilent = false }: WebSocketOptions = {}) {
    this.#socket = new WebSocket(address, protocols, { headers, perMessageDeflate: false });
    this.opened = new Promise((resolve) => {
      this.#socket.on("open", () => resolve(this.#socket.protocol === "" ? "opened" : `opened, speaks ${this.#socket.protocol}`));
      this.#socket.on("unexpected-response", (_, response: IncomingMessage) => {
        this.isRefused = true;
        resolve(refusal(response));
      });
      this.#socket.on("error", () => resolve("refused without an answer"));
    });
    this.#socket.on("message", (frame: Buffer, isBinary) => {
      if (!isSilent && !isBinary && frame.toString() === "2") return this.send("3");
      this.frames.push(isBinary ? `binary ${frame.toString("hex")}` : frame.toString());
      this.#wake();
    });
    this.#socket.on("close", (code) => {
      this.closed = code;
      this.#wake();
    });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  send(...frames: Frame[]): void {
    for (const frame of frames) if (this.isOpen) this.#socket.send(frame);
  }

  /** A frame of text that may be no text, and need not be the last of its message. */
  sendPart(bytes: Buffer, isLast: boolean): void {
    this.#socket.send(bytes, { binary: false, fin: isLast });
  }

  /** A ping of RFC 6455; comes back with its payload. */
  async ping(payload: string): Promise<string> {
    return this.until("its pong", (done) => {
      this.#socket.once("pong", (back: Buffer) => done(back.toString()));
      this.#socket.ping(payload);
    });
  }

  /** The first frame from `from` on that begins so; undefined if it is closed before. */
  async frame(start: string, from = 0): Promise<string | undefined> {
    return this.until(`a frame ${start}`, (done) => {
      const look = () => {
        const found = this.frames.slice(from).find((frame) => frame.startsWith(start));
        if (found !== undefined || this.closed !== undefined) done(found);
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Comes once it is closed. */
  async end(withinMs = WITHIN_MS): Promise<void> {
    const ended = (done: (value: undefined) => void) => {
      const look = () => {
        if (this.closed !== undefined) done(undefined);
      };
      this.#waiting.add(look);
      look();
    };
    await this.until("its end", ended, withinMs);
  }

  /** Leaves without a word. */
  vanish(): void {
    this.#socket.terminate();
  }

  /** Leaves with a close frame. */
  close(code?: number): void {
    this.#socket.close(code);
  }

  private async until<T>(what: string, ask: (done: (value: T) => void) => void, withinMs = WITHIN_MS): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`waited for ${what}; frames: ${this.frames.map(masked).join(", ")}`)), withinMs);
    });
    try {
      return await Promise.race([new Promise<T>(ask), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }
}

async function refusal(response: IncomingMessage): Promise<string> {
  const body = await read(response).catch(() => "");
  return `refused: ${response.statusCode} | ${response.headers["content-type"] ?? "no type"} | ${masked(body)}`;
}
