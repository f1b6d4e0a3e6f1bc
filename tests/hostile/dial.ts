/** A bare TCP link that says what it likes, byte by byte: below every library that would put it right. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

const WITHIN_MS = 15_000;
/** What is kept of what came: enough for every answer that a test looks at. */
const KEPT_BYTES = 256 * 1024;

export class Dial {
  #received = "";
  #isClosed = false;
  readonly #waiting = new Set<() => void>();

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on("data", (chunk) => {
      if (this.#received.length < KEPT_BYTES) this.#received += chunk.toString("latin1");
      this.#wake();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  static async to(origin: string): Promise<Dial> {
    const { hostname, port } = new URL(origin);
    const socket = connect(Number(port), hostname);
    const dial = new Dial(socket);
    await Promise.race([once(socket, "connect"), once(socket, "close")]);
    return dial;
  }

  /** All that came, a character a byte. */
  get received(): string {
    return this.#received;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  write(bytes: string | Buffer): void {
    if (!this.#isClosed) this.socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  }

  /** Writes, and comes back when the kernel has it: whoever floods does not fill its own memory. */
  async writeAll(bytes: Buffer): Promise<void> {
    if (this.#isClosed || this.socket.write(bytes)) return;
    await Promise.race([once(this.socket, "drain"), once(this.socket, "close")]).catch(() => {});
  }

  /** Whether that came before the end. */
  async until(what: string | RegExp): Promise<boolean> {
    const came = () => (typeof what === "string" ? this.#received.includes(what) : what.test(this.#received));
    await this.#wait(`${what}`, () => came() || this.#isClosed);
    return came();
  }

  /** Comes when the other end has closed. */
  async end(withinMs = WITHIN_MS): Promise<void> {
    await this.#wait("the end", () => this.#isClosed, withinMs);
  }

  close(): void {
    this.socket.destroy();
  }

  /** Leaves with a reset instead of a farewell. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  async #wait(what: string, isDone: () => boolean, withinMs = WITHIN_MS): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!isDone()) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`waited for ${what} in: ${this.#received.slice(0, 200)}`));
      }, withinMs);
      this.#waiting.add(look);
      look();
    });
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }
}
