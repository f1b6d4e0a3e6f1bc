/** `make chaos SEED=… MINUTES=…`: one run, what it did, and what was broken. Ends with 1 if anything was. */
import { brokenPromises, check } from "./checker.ts";
import { draw } from "./plan.ts";
import { run } from "./run.ts";

const SHOWN_EACH = 5;

function positive(name: string, fallback: number): number {
  const value = Number(process.env[name] || fallback);
  if (!(value > 0)) throw new Error(`${name} is to be a number above 0`);
  return value;
}

const seed = Math.floor(positive("SEED", 1 + Math.random() * 999_999));
const minutes = positive("MINUTES", 2);
console.log(`SEED=${seed} MINUTES=${minutes}`);
const ledger = await run({ plan: draw(seed, minutes * 60_000), users: positive("USERS", 60), tell: console.log });
console.log(`${ledger.sent.length} sent, ${ledger.acked.length} acks, ${ledger.rows.length} rows, ${ledger.delivered.length} delivered, ${ledger.toldOffline.length} told offline, ${ledger.marks.length} marks`);
for (const { gateway, first, last } of ledger.memory) console.log(`${gateway}: ${first.toFixed(0)} MB, at last ${last.toFixed(0)} MB`);

const violations = check(ledger);
for (const broken of brokenPromises(ledger)) {
  const group = violations.filter(({ promise }) => promise === broken);
  console.log(`\n${broken}: ${group.length}`);
  for (const { evidence } of group.slice(0, SHOWN_EACH)) console.log(`  ${evidence}`);
}
console.log(violations.length === 0 ? "\nevery promise was kept" : `\nSEED=${seed} MINUTES=${minutes}: ${violations.length} violations`);
process.exit(violations.length === 0 ? 0 : 1);
