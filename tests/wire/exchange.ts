/** One HTTP request on a connection of its own, and its answer as the trace tells it. */
import { once } from "node:events";
import { request, type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { buffer, text } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { masked } from "./masked.ts";

export type Answer = { status: number; body: string; told: string };

/** Headers that mean something to clients of the protocol. */
const TOLD_HEADERS = [
  "content-type",
  "content-encoding",
  "cache-control",
  "access-control-allow-origin",
  "access-control-allow-credentials",
  "access-control-allow-methods",
  "vary",
  "set-cookie",
];

const NO_ANSWER: Answer = { status: 0, body: "", told: "no answer" };

export class Exchange {
  readonly answer: Promise<Answer>;
  readonly #request: ClientRequest;

  /** Sends the head, and the body if there is one; `unfinished` leaves the request open for more. */
  constructor(method: string, address: string, headers: OutgoingHttpHeaders = {}, body?: string | Buffer, unfinished = false) {
    this.#request = request(address, { method, headers, agent: false });
    this.answer = new Promise((resolve) => {
      this.#request.on("response", (response) => resolve(answerOf(response)));
      this.#request.on("error", () => resolve(NO_ANSWER));
    });
    if (body !== undefined) this.#request.write(body);
    if (unfinished) this.#request.flushHeaders();
    else this.#request.end();
  }

  /** Once the request has left. */
  async sent(): Promise<void> {
    if (this.#request.socket === null) await once(this.#request, "socket");
    if (this.#request.socket?.connecting) await once(this.#request.socket, "connect");
  }

  finish(body: string): void {
    this.#request.end(body);
  }

  giveUp(): void {
    this.#request.destroy();
  }
}

async function answerOf(response: IncomingMessage): Promise<Answer> {
  const status = response.statusCode ?? 0;
  try {
    const bytes = await buffer(response);
    const body = (response.headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes).toString();
    const headers = TOLD_HEADERS.flatMap((name) =>
      response.headers[name] === undefined ? [] : [masked(`${name}: ${response.headers[name]}`)],
    );
    return { status, body, told: [status, ...headers, masked(body)].join(" | ") };
  } catch {
    return { status, body: "", told: `${status}, cut off` };
  }
}

/** For requests that no HTTP library sends: raw bytes, answered by the status line. */
export async function exchangeRaw(host: string, bytes: string): Promise<string> {
  const [address, port] = host.split(":");
  const socket = connect(Number(port), address);
  socket.write(bytes, "latin1");
  const answer = await text(socket).catch(() => "");
  return answer.split("\r\n")[0] ?? "";
}
