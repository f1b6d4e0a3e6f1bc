/** A run in which too little happened shows nothing, whatever the checker says. */
import type { Ledger } from "./ledger.ts";

/** Of a storm of 20 s and 60 people; a longer one has more. */
const AT_LEAST: [Exclude<keyof Ledger, "answersLost">, number][] = [
  ["acked", 300],
  ["delivered", 300],
  ["rows", 300],
  ["conversations", 30],
  ["holdings", 60],
  ["presence", 100],
  ["absences", 100],
  ["attendance", 60],
  ["sessions", 60],
  ["endings", 10],
  ["gatewayEndings", 1],
  ["weather", 3],
  ["usage", 3],
  ["memory", 1],
];

/** What there was too little of. */
export function tooLittle(ledger: Ledger): string[] {
  const counts = AT_LEAST.filter(([what, least]) => ledger[what].length < least).map(([what, least]) => `${ledger[what].length} ${what}, not ${least}`);
  const told = ledger.marks.filter(({ upToSeq }) => upToSeq > 0).length;
  if (ledger.answersLost === 0) counts.push("no answer to a commit was lost");
  return told > 100 ? counts : [...counts, `${told} marks of messages, not 100`];
}
