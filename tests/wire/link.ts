/** A Socket.IO case's connection, over either transport: packets out, packets in, and whether it is closed. */
import { Exchange } from "./exchange.ts";
import { PATH, type Server } from "./server.ts";
import { RawWebSocket, type Frame } from "./web-socket.ts";

export type Carrier = "websocket" | "polling";

export type Link = {
  /** Every packet that came; binary ones as `binary` and their bytes in hex. */
  readonly packets: string[];
  /** How it ended, once it has. */
  readonly ending: string | undefined;
  send(...packets: Frame[]): void;
  /** The first packet from `from` on that begins so; undefined if it is closed before. */
  packet(start: string, from: number): Promise<string | undefined>;
  /** Comes once it is closed. */
  end(withinMs: number): Promise<void>;
  leave(): void;
};

export async function openLink(server: Server, carrier: Carrier): Promise<Link> {
  const link = carrier === "websocket" ? new WebSocketLink(server) : new PollingLink(server);
  await link.open();
  return link;
}

function address(scheme: string, server: Server, carrier: Carrier, sid?: string): string {
  return `${scheme}://${server.host}${PATH}/?EIO=4&transport=${carrier}${sid === undefined ? "" : `&sid=${sid}`}`;
}

class WebSocketLink implements Link {
  readonly #socket: RawWebSocket;

  constructor(server: Server) {
    this.#socket = new RawWebSocket(address("ws", server, "websocket"));
  }

  async open(): Promise<void> {
    await this.#socket.opened;
    await this.#socket.frame("0");
    this.packets.length = 0;
  }

  get packets(): string[] {
    return this.#socket.frames;
  }

  get ending(): string | undefined {
    const { closed } = this.#socket;
    // What clients see of a close frame without a code.
    return closed === 1005 || closed === undefined ? closed && "closed" : `closed ${closed}`;
  }

  send(...packets: Frame[]): void {
    this.#socket.send(...packets);
  }

  packet(start: string, from: number): Promise<string | undefined> {
    return this.#socket.frame(start, from);
  }

  end(withinMs: number): Promise<void> {
    return this.#socket.end(withinMs);
  }

  leave(): void {
    this.#socket.vanish();
  }
}

const WITHIN_MS = 5_000;

class PollingLink implements Link {
  readonly packets: string[] = [];
  ending: string | undefined;
  #sid: string | undefined;
  #posted: Promise<void> = Promise.resolve();
  #poll: Exchange | undefined;
  readonly #waiting = new Set<() => void>();

  constructor(private readonly server: Server) {}

  async open(): Promise<void> {
    const { body } = await this.#request("GET").answer;
    this.#sid = (JSON.parse(body.slice(1)) as { sid: string }).sid;
    void this.#keepPolling();
  }

  /** All of them in one POST; POSTs one after the other. */
  send(...packets: Frame[]): void {
    const body = packets.map((packet) => (typeof packet === "string" ? packet : `b${packet.toString("base64")}`)).join("\x1e");
    this.#posted = this.#posted.then(async () => {
      if (this.ending !== undefined) return;
      const { status } = await this.#request("POST", body).answer;
      if (status !== 200) this.#close();
    });
  }

  packet(start: string, from: number): Promise<string | undefined> {
    const look = () => this.packets.slice(from).find((packet) => packet.startsWith(start));
    return this.#until(`a packet ${start}`, look, WITHIN_MS);
  }

  async end(withinMs: number): Promise<void> {
    await this.#until("its end", () => undefined, withinMs);
  }

  leave(): void {
    this.#close();
    this.#poll?.giveUp();
  }

  async #keepPolling(): Promise<void> {
    while (this.ending === undefined) {
      this.#poll = this.#request("GET");
      const { status, body } = await this.#poll.answer;
      if (status !== 200) return this.#close();
      for (const packet of body.split("\x1e")) this.#onPacket(packet);
    }
  }

  #onPacket(packet: string): void {
    if (packet === "2") this.send("3");
    else if (packet === "1") this.#close();
    else if (packet.startsWith("b")) this.packets.push(`binary ${Buffer.from(packet.slice(1), "base64").toString("hex")}`);
    else if (packet !== "6") this.packets.push(packet);
    this.#wake();
  }

  #request(method: string, body?: string): Exchange {
    return new Exchange(method, address("http", this.server, "polling", this.#sid), {}, body);
  }

  /** What `look` finds; undefined once it is closed. */
  #until(what: string, look: () => string | undefined, withinMs: number): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`waited for ${what}; packets: ${this.packets.join(", ")}`)), withinMs);
      const check = () => {
        const found = look();
        if (found === undefined && this.ending === undefined) return;
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve(found);
      };
      this.#waiting.add(check);
      check();
    });
  }

  #close(): void {
    this.ending ??= "closed";
    this.#wake();
  }

  #wake(): void {
    for (const check of [...this.#waiting]) check();
  }
}
