/** A bare WebSocket that says what it likes: for those who do not use a client library, or mean harm. */
import { once } from "node:events";
import WebSocket from "ws";
import type { Login } from "./login.ts";
import type { Ack } from "./wire.ts";

const DEADLINE_MS = 10_000;

export class RawLink {
  /** Every frame that came, as it came. */
  readonly frames: string[] = [];
  isClosed = false;
  #ackId = 0;
  readonly #waiting = new Set<() => void>();

  private constructor(private readonly socket: WebSocket) {
    socket.on("message", (frame: Buffer) => {
      const text = frame.toString();
      if (text === "2") socket.send("3");
      this.frames.push(text);
      this.#wake();
    });
    socket.on("close", () => {
      this.isClosed = true;
      this.#wake();
    });
    socket.on("error", () => {});
  }

  static async open(login: Login): Promise<RawLink> {
    const address = `${login.origin.replace("http", "ws")}/realtime/?EIO=4&transport=websocket`;
    const socket = new WebSocket(address, { headers: { cookie: login.cookie } });
    const link = new RawLink(socket);
    await once(socket, "open");
    return link;
  }

  send(frame: string): void {
    this.socket.send(frame);
  }

  /** The first frame from `from` on that begins so, or undefined when the link is closed before. */
  async frame(start: string, from = 0): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.frames.slice(from).find((text) => text.startsWith(start));
        if (found === undefined && !this.isClosed) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(found);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`waited for ${start}; frames: ${this.frames.join("\n")}`));
      }, DEADLINE_MS);
      this.#waiting.add(look);
      look();
    });
  }

  /** Emits in a namespace and answers the ack. */
  async emit<T>(namespace: string, event: string, payload: unknown): Promise<Ack<T>> {
    const id = (this.#ackId += 1);
    const from = this.frames.length;
    this.send(`42${namespace},${id}${JSON.stringify([event, payload])}`);
    const start = `43${namespace},${id}`;
    const frame = await this.frame(`${start}[`, from);
    if (frame === undefined) throw new Error(`the link was closed after ${event}`);
    return (JSON.parse(frame.slice(start.length)) as [Ack<T>])[0];
  }

  close(): void {
    this.socket.terminate();
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }
}
