/** A TCP proxy between a gateway and a store that can do what networks do: delay, fall silent, lose, reset, refuse. */
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** From the gateway to the store, or back. */
export type Direction = "there" | "back";
type Parcel = { bytes: Buffer; dueAt: number };

/** One way of one connection: bytes leave in the order in which they came, each no earlier than it is due. */
class Lane {
  readonly #parcels: Parcel[] = [];
  #timer: NodeJS.Timeout | undefined;
  #hasEnded = false;
  /** Bytes were lost for good; what follows would make no sense to the receiver. */
  hasHole = false;

  constructor(
    private readonly proxy: FaultProxy,
    private readonly direction: Direction,
    private readonly to: Socket,
  ) {}

  take(bytes: Buffer): void {
    if (this.proxy.loses.has(this.direction)) {
      this.hasHole = true;
      return;
    }
    this.#parcels.push({ bytes, dueAt: Date.now() + this.proxy.latencyMs });
    this.flush();
  }

  end(): void {
    this.#hasEnded = true;
    this.flush();
  }

  flush(): void {
    clearTimeout(this.#timer);
    if (this.proxy.holds.has(this.direction)) return;
    for (let first = this.#parcels[0]; first; first = this.#parcels[0]) {
      const waitMs = first.dueAt - Date.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.flush(), waitMs);
        return;
      }
      this.#parcels.shift();
      this.to.write(first.bytes);
    }
    if (this.#hasEnded) this.to.end();
  }
}

type Connection = { client: Socket; store: Socket; there: Lane; back: Lane; diesAtAnswer: boolean };

export class FaultProxy {
  /** Each chunk takes this long, either way. */
  latencyMs = 0;
  /** Directions in which bytes wait until the network heals, as TCP makes them. */
  readonly holds = new Set<Direction>();
  /** Directions in which bytes vanish. A connection that lost some is reset when the network heals. */
  readonly loses = new Set<Direction>();
  /** The connection whose request holds this text is reset when the answer comes: the store did it, the gateway never hears. */
  resetsAtAnswerTo: string | undefined;
  /** How often that happened. */
  answersLost = 0;
  #refuses = false;
  readonly #connections = new Set<Connection>();

  private constructor(
    private readonly server: Server,
    private readonly target: { host: string; port: number },
  ) {
    server.on("connection", (client: Socket) => this.#accept(client));
  }

  static async to(host: string, port: number): Promise<FaultProxy> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new FaultProxy(server, { host, port });
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** How many connections are open now. */
  get connections(): number {
    return this.#connections.size;
  }

  /** While true, whoever comes is turned away at once. */
  set refuses(refuses: boolean) {
    this.#refuses = refuses;
  }

  /** Ends every connection without a farewell. */
  reset(): void {
    for (const connection of [...this.#connections]) this.#reset(connection);
  }

  /** All faults end. */
  heal(): void {
    this.latencyMs = 0;
    this.holds.clear();
    this.loses.clear();
    this.resetsAtAnswerTo = undefined;
    this.#refuses = false;
    for (const connection of [...this.#connections]) {
      if (connection.there.hasHole || connection.back.hasHole) this.#reset(connection);
      else [connection.there, connection.back].forEach((lane) => lane.flush());
    }
  }

  close(): void {
    this.reset();
    this.server.close();
  }

  #accept(client: Socket): void {
    if (this.#refuses) {
      client.resetAndDestroy();
      return;
    }
    const store = connect(this.target);
    const connection: Connection = { client, store, there: new Lane(this, "there", store), back: new Lane(this, "back", client), diesAtAnswer: false };
    this.#connections.add(connection);
    client.on("data", (bytes: Buffer) => {
      if (this.resetsAtAnswerTo !== undefined && bytes.includes(this.resetsAtAnswerTo)) connection.diesAtAnswer = true;
      connection.there.take(bytes);
    });
    store.on("data", (bytes: Buffer) => {
      if (connection.diesAtAnswer) {
        this.answersLost += 1;
        this.#reset(connection);
      } else {
        connection.back.take(bytes);
      }
    });
    client.on("end", () => connection.there.end());
    store.on("end", () => connection.back.end());
    for (const socket of [client, store]) {
      socket.setNoDelay(true);
      socket.on("error", () => this.#reset(connection));
      socket.on("close", () => this.#reset(connection));
    }
  }

  #reset(connection: Connection): void {
    if (!this.#connections.delete(connection)) return;
    for (const socket of [connection.client, connection.store]) {
      // A socket that has not connected yet cannot be reset.
      if (socket.connecting) socket.destroy();
      else socket.resetAndDestroy();
    }
  }
}
