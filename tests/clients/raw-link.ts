/** A bare link that says what it likes: for those who do not use a client library, or mean harm. */
import type { Login } from "./login.ts";
import { rawPolling } from "./raw-polling.ts";
import { rawWebSocket } from "./raw-websocket.ts";
import type { Transport } from "./transport.ts";
import type { Ack } from "./wire.ts";

const DEADLINE_MS = 10_000;

/** Carries Engine.IO packets as text, and the contents of binary messages as they are. */
export type Carrier = { send(packet: string | Buffer): void; close(): void };
export type Receiver = { onPacket(packet: string): void; onClose(why: string): void };

export class RawLink {
  /** Every packet that came, as it came. */
  readonly frames: string[] = [];
  closedBy: string | undefined;
  #carrier: Carrier | undefined;
  #ackId = 0;
  readonly #waiting = new Set<() => void>();

  static async open(login: Login, transport: Transport = "websocket", url = login.origin): Promise<RawLink> {
    const link = new RawLink();
    const receiver: Receiver = { onPacket: (packet) => link.#onPacket(packet), onClose: (why) => link.#onClose(why) };
    link.#carrier = await (transport === "websocket" ? rawWebSocket : rawPolling)(url, login.cookie, receiver);
    return link;
  }

  get isClosed(): boolean {
    return this.closedBy !== undefined;
  }

  send(frame: string | Buffer): void {
    this.#carrier?.send(frame);
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
    return (JSON.parse(await this.answer(namespace, JSON.stringify([event, payload]))) as [Ack<T>])[0];
  }

  /** Emits an array that is written by hand, and answers the array of the ack as it came. */
  async answer(namespace: string, array: string): Promise<string> {
    const id = (this.#ackId += 1);
    const from = this.frames.length;
    this.send(`42${namespace},${id}${array}`);
    const start = `43${namespace},${id}`;
    const frame = await this.frame(`${start}[`, from);
    if (frame === undefined) throw new Error(`the link was closed after ${array.slice(0, 200)}: ${this.closedBy}`);
    return frame.slice(start.length);
  }

  close(): void {
    this.#carrier?.close();
  }

  #onPacket(packet: string): void {
    if (packet === "2") this.send("3");
    this.frames.push(packet);
    this.#wake();
  }

  #onClose(why: string): void {
    this.closedBy ??= why;
    this.#wake();
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }
}
