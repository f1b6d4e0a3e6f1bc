import type { ErrorCode } from "../protocol/events.ts";
import type { SessionEndReason } from "../protocol/shapes.ts";

/** What the panel may honestly say about its link. Times are milliseconds since the epoch, by the browser's clock. */
export type Status =
  | { kind: "connecting" }
  | { kind: "online" }
  | { kind: "reconnecting"; retryAt: number }
  /** The browser itself says that there is no network. */
  | { kind: "offline" }
  /** The instance goes away; the link still stands, or comes back at `retryAt`. */
  | { kind: "draining"; retryAt: number }
  | { kind: "ended"; reason: SessionEndReason | "unauthorized" }
  | { kind: "refused"; code: ErrorCode };

/** Whether requests have a chance now. */
export function isLive(status: Status): boolean {
  return status.kind === "online";
}

/** Whether the link never comes back by itself. */
export function isOver(status: Status): boolean {
  return status.kind === "ended" || status.kind === "refused";
}
