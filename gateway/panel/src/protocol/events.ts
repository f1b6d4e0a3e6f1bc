/** The event catalogue, taken from the types that the Rust sources write: names, payloads, answers. */
import type { AckError, ClientToServerEvents, ErrorCode as ServerErrorCode, Reply, ServerToClientEvents } from "@realtime/protocol";

export type RequestName = keyof ClientToServerEvents;
export type PushName = keyof ServerToClientEvents;

/** What is asked. */
export type Ask<Name extends RequestName> = Parameters<ClientToServerEvents[Name]>[0];

/** The data of a good ack. */
export type Answer<Name extends RequestName> =
  NonNullable<Parameters<ClientToServerEvents[Name]>[1]> extends (reply: Reply<infer Data>) => void ? Data : never;

export type Pushes = { [Name in PushName]: Parameters<ServerToClientEvents[Name]>[0] };

/** The server's codes, and two for what never reached it or was never answered. */
export type ErrorCode = ServerErrorCode | "no_answer" | "not_connected";

export type { AckError, Reply };

/** A request that was refused, or that nobody answered. */
export class RequestError extends Error {
  constructor(readonly code: ErrorCode, message: string, readonly retryAfterMs?: number) {
    super(message);
    this.name = "RequestError";
  }

  /** Whether the same request may succeed later; whether it took effect is unknown for some of these. */
  get isPassing(): boolean {
    return this.code === "not_connected" || this.isWorthAnotherTry;
  }

  /** Whether asking again after a while may help; without a link the next `session:ready` does that. */
  get isWorthAnotherTry(): boolean {
    return ["rate_limited", "unavailable", "internal", "no_answer", "session_expired"].includes(this.code);
  }
}
