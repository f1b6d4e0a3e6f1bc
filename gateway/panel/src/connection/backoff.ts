const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

/** How long to wait before the attempt after `failures` failed ones: doubling, and spread so that a crowd does not return at once. */
export function delayAfter(failures: number, random: () => number = Math.random): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 10));
  return Math.round(full * (0.5 + random() / 2));
}
