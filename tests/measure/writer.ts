/** One user with a raw WebSocket who writes in a closed loop: so many messages are on their way, and each answer sends the next one. */
import WebSocket from "ws";
import type { StormUser } from "../storm/sessions.ts";

const BODY = "Sixty characters or so, which is what people write to each other";

export class Writer {
  /** Ids of the messages that were acknowledged, and of those that came live. */
  readonly acked: string[] = [];
  readonly delivered: string[] = [];
  /** Milliseconds from sending to the ack. */
  readonly latencies: number[] = [];
  readonly refusals: string[] = [];
  readonly #sentAt = new Map<number, number>();
  readonly #socket: WebSocket;
  #partner: string | undefined;
  #sent = 0;
  ending: string | undefined;

  private constructor(
    readonly user: StormUser,
    origin: string,
    onJoined: () => void,
  ) {
    this.#socket = new WebSocket(`${origin.replace("http", "ws")}/realtime/?EIO=4&transport=websocket`, { headers: { cookie: user.cookie }, perMessageDeflate: false });
    this.#socket.on("message", (data: Buffer) => this.#onPacket(data.toString(), onJoined));
    this.#socket.on("error", (error) => (this.ending ??= error.message));
    this.#socket.on("close", (code, reason) => (this.ending ??= `closed: ${code} ${reason}`));
  }

  static async join(user: StormUser, origin: string): Promise<Writer> {
    return new Promise((resolve, reject) => {
      const writer: Writer = new Writer(user, origin, () => resolve(writer));
      writer.#socket.once("close", () => reject(new Error(`${user.id} did not join: ${writer.ending}`)));
    });
  }

  get unanswered(): number {
    return this.#sentAt.size;
  }

  start(partner: string, onTheirWay: number): void {
    this.#partner = partner;
    for (let n = 0; n < onTheirWay; n += 1) this.#send();
  }

  /** No further message; answers still come. */
  stop(): void {
    this.#partner = undefined;
  }

  close(): void {
    this.#socket.close();
  }

  #send(): void {
    if (this.#partner === undefined) return;
    const n = (this.#sent += 1);
    this.#sentAt.set(n, performance.now());
    const payload = { to: this.#partner, body: BODY, clientMessageId: `${this.user.id}-${n}` };
    this.#socket.send(`42/tenant,${n}["message:send",${JSON.stringify(payload)}]`);
  }

  #onPacket(packet: string, onJoined: () => void): void {
    if (packet === "2") return this.#socket.send("3");
    if (packet.startsWith("0")) return this.#socket.send('40/tenant,{"portal":"dashboard"}');
    if (packet.startsWith("40/tenant,")) return onJoined();
    if (packet.startsWith('42/tenant,["message:new",')) {
      this.delivered.push(idIn(packet));
    } else if (packet.startsWith("43/tenant,")) {
      const n = Number.parseInt(packet.slice("43/tenant,".length), 10);
      const sentAt = this.#sentAt.get(n);
      if (sentAt === undefined) throw new Error(`a second answer: ${packet}`);
      this.#sentAt.delete(n);
      this.latencies.push(performance.now() - sentAt);
      if (packet.includes('[{"ok":true,')) this.acked.push(idIn(packet));
      else this.refusals.push(packet);
      this.#send();
    }
  }
}

/** Parsing all of it would cost more than the gateway's work. */
function idIn(packet: string): string {
  const id = /"id":"([0-9a-f-]{36})"/.exec(packet)?.[1];
  if (id === undefined) throw new Error(`no message: ${packet}`);
  return id;
}
