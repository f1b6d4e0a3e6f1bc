/** The short form of `make chaos`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "./checker.ts";
import { draw } from "./plan.ts";
import { run } from "./run.ts";

const SEED = 1;
const STORM_MS = 20_000;
const WITHIN_MS = 150_000;

test("every_promise_is_kept_in_a_storm", { timeout: WITHIN_MS }, async (context) => {
  const ledger = await run({ plan: draw(SEED, STORM_MS), users: 60, tell: (line) => context.diagnostic(line) });
  assert.deepEqual(check(ledger), [], `SEED=${SEED} MINUTES=${STORM_MS / 60_000}`);
  // A storm in which nobody got a word out shows nothing.
  assert.ok(ledger.acked.length > 300, `${ledger.acked.length} messages were acknowledged`);
  assert.ok(ledger.delivered.length > 300, `${ledger.delivered.length} messages came by themselves`);
  assert.ok(ledger.marks.filter(({ upToSeq }) => upToSeq > 0).length > 100, "people have read what they got");
  assert.ok(ledger.memory.length > 0, "a gateway was there long enough to be compared with itself");
  assert.ok(ledger.absences.length > 100, `${ledger.absences.length} times somebody was to be told of a departure`);
});
