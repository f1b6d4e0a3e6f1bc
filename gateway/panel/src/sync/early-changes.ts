/**
 * An answer of `presence:watch` and a change that came before it take different roads in the server, so that either may be the
 * newer. A user's times are their versions: each `since` lies after the `lastSeenAt` before it.
 */
import type { OfflineUser, OnlineUser } from "../protocol/shapes.ts";

export type Change = OnlineUser | OfflineUser;

export function isArrival(change: Change): change is OnlineUser {
  return "since" in change;
}

export function isDeparture(change: Change): change is OfflineUser {
  return !isArrival(change);
}

/** Whether a change that came before the answer holds against it. `answer` is missing when the server saw nobody online. */
export function outlives(change: Change, answer: OnlineUser | undefined, wasWatched: boolean): boolean {
  // Changes of somebody who was not watched before are only told once the new list stands.
  if (!wasWatched) return true;
  // Both say offline, and the change tells since when. An arrival without a departure is one that the answer has overtaken.
  if (!answer) return isDeparture(change);
  return (isArrival(change) ? change.since : change.lastSeenAt) > answer.since;
}
