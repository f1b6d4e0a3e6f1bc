/** Texts at the edges of what a body may be. */

/** As many Unicode scalar values as a body may have; the gateway's default. */
export const BODY_MAX = 4000;

/** Units that are repeated up to the limit: written with one scalar value or more. */
export const UNITS: Record<string, string> = {
  "a letter": "a",
  "four bytes of UTF-8": "👋",
  "the last character of the first plane": "\uffff",
  "the last character that there is": "\u{10ffff}",
  "a letter with a combining mark": "e\u0301",
  "a family of four, joined": "👩\u200d👩\u200d👧\u200d👦",
  "a flag": "🇩🇪",
  "right to left, overridden and ended": "\u202eabc\u202c",
  "Arabic with a mark": "بِ",
  "a heap of marks": "z\u0300\u0301\u0302\u0303\u0304\u0305\u0306",
  "what JSON escapes": "\"\\\b\f\n\r\t\u0001\u001f",
  "what HTML and SQL escape": "<b>&'%_;--",
};

/** Short bodies that go through as they are. */
export const KEPT = [
  " leading and trailing \n",
  "\u200b", "\ufeff", "\u2060", "\u200d", "\u00ad", "\u2800", "\u3164", "\u202e", "\u2066\u2069", "\ue000", "\ufffe", "\ufffd",
  "e\u0301", "\u00e9", "Å\u212b", "ﬁ", "a\r\n", "a\u2028b\u2029c",
  "\u007f\u0080\u009f", "\u{1f3f4}\u{e0067}\u{e0062}\u{e007f}", "\\u0000", "\\ud800", "{}", "null",
];

/** Nothing but white space, each in its own way. */
export const BLANK = [
  "", " ", "\t", "\n", "\u000b", "\f", "\r", "\u0085", "\u00a0", "\u1680", "\u2000", "\u2003", "\u200a", "\u2028", "\u2029", "\u202f",
  "\u205f", "\u3000", " \n\u3000\t",
];

/** JSON text of bodies with halves of characters, and what becomes of them. */
export const HALVES: Record<string, string> = {
  '"\\ud800"': "\ufffd",
  '"\\udfff"': "\ufffd",
  '"a\\ud83db"': "a\ufffdb",
  '"\\udc4b\\ud83d"': "\ufffd\ufffd",
  '"\\ud83d\\ud83d\\udc4b"': "\ufffd👋",
  '"\\uD83D\\uDC4B"': "👋",
  '"\\\\ud800"': "\\ud800",
};

export function scalars(text: string): number {
  return [...text].length;
}

/** A text of exactly so many scalar values, made of whole units as far as they go. */
export function filled(unit: string, length: number): string {
  const times = Math.floor(length / scalars(unit));
  return unit.repeat(times) + "x".repeat(length - times * scalars(unit));
}
