import assert from "node:assert/strict";
import { test } from "node:test";
import { draw, GATEWAYS } from "./plan.ts";

const LONG_MS = 300_000;

test("a_seed_gives_the_same_plan_again_and_another_seed_another", () => {
  assert.deepEqual(draw(7, LONG_MS), draw(7, LONG_MS));
  assert.notDeepEqual(draw(7, LONG_MS).families, draw(8, LONG_MS).families);
});

test("a_long_plan_has_every_kind_of_fault_and_hits_every_gateway", () => {
  const faults = draw(7, LONG_MS).families.flat();
  const kinds = new Set(faults.map((fault) => (fault.kind === "redis-restarted" ? `${fault.kind} ${fault.keeps}` : fault.kind)));
  assert.equal(kinds.size, 13, [...kinds].join(", "));
  const partitions = faults.flatMap((fault) => (fault.kind === "partition" ? [fault.directions.join("+")] : []));
  assert.deepEqual([...new Set(partitions)].sort(), ["back", "there", "there+back"]);
  assert.equal(new Set(faults.flatMap((fault) => ("gateway" in fault ? [fault.gateway] : []))).size, GATEWAYS);
});

test("faults_of_a_family_do_not_meet_and_all_end_in_time", () => {
  for (const family of draw(7, LONG_MS).families) {
    for (const [index, { atMs, forMs }] of family.entries()) assert.ok(atMs + forMs <= (family[index + 1]?.atMs ?? LONG_MS));
  }
});
