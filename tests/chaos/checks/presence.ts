/** What is promised of who is online. */
import type { Ledger } from "../ledger.ts";

/** Everybody believes what is true, lease + 2 s after the last change. */
export function presenceIsTrue({ presence }: Ledger): string[] {
  return presence.flatMap(({ when, observerId, believed, truth }) => {
    const ghosts = believed.filter((id) => !truth.includes(id));
    const unseen = truth.filter((id) => !believed.includes(id));
    return ghosts.length + unseen.length === 0 ? [] : [`${when}, ${observerId} saw ghosts [${ghosts}] and did not see [${unseen}]`];
  });
}

/** Who leaves is announced offline once to each who stays; and nobody who is offline for a connection is announced so again. */
export function offlineIsToldOnce({ absences, toldOffline }: Ledger): string[] {
  return [
    ...absences
      .filter(({ times }) => times !== 1)
      .map(({ userId, observerId, times }) => `${observerId} was told ${times} times that ${userId} had left`),
    ...toldOffline
      .filter(({ wasOnline }) => !wasOnline)
      .map(({ connection, observerId, userId }) => `${observerId} was told that ${userId} had left, who was not there, at ${connection}`),
  ];
}
