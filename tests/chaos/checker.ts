/** Holds a ledger against each promise. Pure: the same ledger, the same verdict. */
import { deliveredIsStored, onlyItsSidesHear } from "./checks/delivery.ts";
import { keysEnd, linksAreGivenBack, memoryStays, subscriptionsEnd } from "./checks/leftovers.ts";
import { marksOnlyGrow, marksStayWithin } from "./checks/marks.ts";
import { ackedIsStoredOnce, deliveredOnce, devicesEqualTable, seqIsGapless, sidesAgree, storedWasSent } from "./checks/messages.ts";
import { conversationsFollowTheirSides } from "./checks/places.ts";
import { offlineIsToldOnce, presenceIsTrue } from "./checks/presence.ts";
import { everybodyReturns } from "./checks/recovery.ts";
import { tenantsStayApart } from "./checks/tenants.ts";
import type { Ledger } from "./ledger.ts";

/** Each answers the evidence against itself; none: kept. */
export const PROMISES = {
  ackedIsStoredOnce,
  storedWasSent,
  seqIsGapless,
  sidesAgree,
  devicesEqualTable,
  deliveredOnce,
  deliveredIsStored,
  onlyItsSidesHear,
  conversationsFollowTheirSides,
  marksStayWithin,
  marksOnlyGrow,
  presenceIsTrue,
  offlineIsToldOnce,
  tenantsStayApart,
  linksAreGivenBack,
  subscriptionsEnd,
  keysEnd,
  memoryStays,
  everybodyReturns,
} satisfies Record<string, (ledger: Ledger) => string[]>;

export type PromiseName = keyof typeof PROMISES;
export type Violation = { promise: PromiseName; evidence: string };

export function check(ledger: Ledger): Violation[] {
  return (Object.keys(PROMISES) as PromiseName[]).flatMap((promise) => PROMISES[promise](ledger).map((evidence) => ({ promise, evidence })));
}

export function brokenPromises(ledger: Ledger): PromiseName[] {
  return [...new Set(check(ledger).map(({ promise }) => promise))];
}
