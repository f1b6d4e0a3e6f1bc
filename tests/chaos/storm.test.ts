/** The short form of `make chaos`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "./checker.ts";
import { tooLittle } from "./minimums.ts";
import { draw } from "./plan.ts";
import { run } from "./run.ts";

const SEED = 1;
const STORM_MS = 20_000;
const WITHIN_MS = 150_000;

test("every_promise_is_kept_in_a_storm", { timeout: WITHIN_MS }, async (context) => {
  const ledger = await run({ plan: draw(SEED, STORM_MS), users: 60, tell: (line) => context.diagnostic(line) });
  assert.deepEqual(check(ledger), [], `SEED=${SEED} MINUTES=${STORM_MS / 60_000}`);
  assert.deepEqual(tooLittle(ledger), []);
});
