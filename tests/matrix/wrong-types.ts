/** For each kind of field, JSON that does not belong there. */
import type { FieldKind } from "./catalogue.ts";

const NO_TEXT = [true, 5, 1.5, [], ["x"], {}, { x: "x" }];
const NO_INTEGER = [true, false, 1.5, -1, 1e30, "", "1", [], [1], {}];

export const WRONG: Record<FieldKind, readonly unknown[]> = {
  text: NO_TEXT,
  integer: NO_INTEGER,
  boolean: [0, 1, "true", "", [], {}],
  texts: [true, 5, "x", {}, { 0: "x" }, ...[null, ...NO_TEXT].map((wrong) => [wrong])],
  "integers by key": [true, 5, "x", [], [1], ...[null, ...NO_INTEGER].map((wrong) => ({ "t:a:b": wrong }))],
  others: [...NO_TEXT, "some", "All"],
};

/** Fields that nobody has heard of, of every type. */
export const EXTRA = { later: null, more: [1, { x: [] }], "": "", __proto__x: { limit: 0 }, number: 1e300, flag: false };
