/** What is promised of who is online. */
import type { Ledger } from "../ledger.ts";
import { GRACE_MS, HEARTBEAT_MS, LEASE_MS } from "../plan.ts";

const ALLOWED_MS = 2_000;
/** After so long, whatever was told of an earlier absence has been told. */
const SETTLED_MS = LEASE_MS + GRACE_MS + ALLOWED_MS;
/** What can keep an instance from renewing its lease; with it go all whom it holds, connected or not. */
const STOPS_HEARTBEATS = /^(gateway-frozen|redis-.*|(partition|latency|refusals) redis)$/;

/** Everybody believes what is true, lease + 2 s after the last change. */
export function presenceIsTrue({ presence }: Ledger): string[] {
  return presence.flatMap(({ when, observerId, believed, truth }) => {
    const ghosts = believed.filter((id) => !truth.includes(id));
    const unseen = truth.filter((id) => !believed.includes(id));
    return ghosts.length + unseen.length === 0 ? [] : [`${when}, ${observerId} saw ghosts [${ghosts}] and did not see [${unseen}]`];
  });
}

/**
 * Nobody is told to have left who was connected all the time, unless an instance was kept from its heartbeat for so long that its
 * lease ran out. A drain, a crash and an end of a store that is soon back excuse nothing.
 */
export function whoStaysIsNotToldOffline({ toldOffline, attendance, weather }: Ledger): string[] {
  const stops = weather.filter(({ kind, from, until }) => STOPS_HEARTBEATS.test(kind) && until - from >= LEASE_MS - HEARTBEAT_MS);
  return toldOffline.flatMap(({ at, connection, userId }) => {
    const stay = attendance.find((time) => time.userId === userId && time.from <= at - SETTLED_MS && time.until > at);
    if (!stay || stops.some(({ from, until }) => from <= at && at <= until + SETTLED_MS)) return [];
    return [`${connection} was told that ${userId} had left, who had been connected for ${((at - stay.from) / 1000).toFixed(1)} s and still was`];
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
