/** What is promised of the time after a fault. */
import type { Ledger } from "../ledger.ts";

/** When faults are over everybody comes back by themselves, and what they wanted to say is said. */
export function everybodyReturns({ stuck }: Ledger): string[] {
  return stuck;
}
