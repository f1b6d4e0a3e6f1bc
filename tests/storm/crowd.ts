/** Many users with one raw WebSocket each, and what each of them was sent. Frames are counted, hardly ever parsed. */
import { setTimeout as pause } from "node:timers/promises";
import WebSocket from "ws";
import type { StormUser } from "./sessions.ts";

const JOIN_WITHIN_MS = 60_000;
/** Source addresses, each with its own range of ports. */
const ADDRESSES = 4;

export class Visitor {
  /** When presence frames came, by this process' clock (ms). */
  readonly presenceAt: number[] = [];
  /** All that came, without the headers of WebSocket's frames. */
  bytes = 0;
  /** How many are online, as last told; unknown while everybody is told by diffs. */
  online: number | undefined;
  isJoined = false;
  joinedAt = 0;
  ending: string | undefined;
  readonly #socket: WebSocket;

  constructor(
    readonly user: StormUser,
    origin: string,
    at: number,
    onJoined: () => void,
  ) {
    this.#socket = new WebSocket(`${origin.replace("http", "ws")}/realtime/?EIO=4&transport=websocket`, {
      headers: { cookie: user.cookie },
      perMessageDeflate: false,
      localAddress: `127.0.0.${1 + (at % ADDRESSES)}`,
    });
    this.#socket.on("message", (data: Buffer) => this.#onPacket(data.toString("latin1"), onJoined));
    this.#socket.on("error", (error) => (this.ending ??= error.message));
    this.#socket.on("close", (code, reason) => (this.ending ??= `closed: ${code} ${reason}`));
  }

  close(): void {
    this.#socket.close();
  }

  #onPacket(packet: string, onJoined: () => void): void {
    this.bytes += packet.length;
    if (packet === "2") return this.#socket.send("3");
    if (packet.startsWith("0")) return this.#socket.send('40/tenant,{"portal":"dashboard"}');
    if (packet.startsWith("40/tenant,")) {
      this.isJoined = true;
      this.joinedAt = Date.now();
      return onJoined();
    }
    const event = /^42\/tenant,\["([\w:]+)"/.exec(packet)?.[1];
    if (event === undefined) {
      this.ending ??= packet.slice(0, 200);
      return;
    }
    if (!event.startsWith("presence:")) return;
    this.presenceAt.push(Date.now());
    if (event === "presence:diff") return;
    const online = /"online":(\d+)/.exec(packet.slice(-200))?.[1];
    this.online = online === undefined ? undefined : Number(online);
  }
}

/** Opens a socket for each of them, evenly over that time and the gateways; answers when all have joined. */
export async function enter(users: StormUser[], origins: string[], withinMs: number): Promise<Visitor[]> {
  const visitors: Visitor[] = [];
  let joined = 0;
  const startedAt = Date.now();
  while (visitors.length < users.length) {
    const due = Math.min(users.length, Math.ceil((users.length * (Date.now() - startedAt + 1)) / withinMs));
    for (const user of users.slice(visitors.length, due)) {
      visitors.push(new Visitor(user, origins[visitors.length % origins.length] ?? "", visitors.length, () => (joined += 1)));
    }
    await pause(5);
  }
  while (joined < users.length) {
    const failed = visitors.find(({ ending }) => ending !== undefined);
    if (failed) throw new Error(`${failed.user.id} did not join: ${failed.ending}`);
    if (Date.now() - startedAt > withinMs + JOIN_WITHIN_MS) throw new Error(`only ${joined} of ${users.length} have joined`);
    await pause(20);
  }
  return visitors;
}
