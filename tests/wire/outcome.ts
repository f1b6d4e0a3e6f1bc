/** What a case says about the two servers, and whether it is true. */
import assert from "node:assert/strict";

export type Trace = string[];

export type Outcome =
  | { kind: "same" }
  | { kind: "different"; because: string; reference: Trace; product: Trace }
  /** A fault of the product that is known and not mended yet. */
  | { kind: "todo"; finding: string };

export const same: Outcome = { kind: "same" };

export function different(because: string, traces: { reference: Trace; product: Trace }): Outcome {
  return { kind: "different", because, ...traces };
}

export function todo(finding: string): Outcome {
  return { kind: "todo", finding };
}

export function verify(outcome: Outcome, reference: Trace, product: Trace): void {
  assert.notEqual(reference.length, 0, "nothing was seen");
  if (outcome.kind === "different") {
    assert.notDeepEqual(outcome.product, outcome.reference, "a difference has to be one");
    assert.deepEqual(reference, outcome.reference, "the reference does not do what the case says");
    assert.deepEqual(product, outcome.product, "the product does not do what the case says");
  } else {
    assert.deepEqual(product, reference, "the product does not do what the reference does");
  }
}
