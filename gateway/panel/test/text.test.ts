import { expect, test } from "vitest";
import { initialsOf } from "../src/elements/avatar.ts";
import { ago, dayOf, shortTime } from "../src/elements/format.ts";
import { Heights } from "../src/elements/heights.ts";
import { isComposed } from "../src/elements/keys.ts";
import { pieces } from "../src/elements/linkify.ts";
import { lengthOf } from "../src/store/selectors.ts";
import { ar } from "../src/texts/ar.ts";
import { en } from "../src/texts/en.ts";
import { textsFor } from "../src/texts/texts.ts";

const hrefs = (body: string) => pieces(body).flatMap(({ href }) => href ?? []);

test("web addresses become links, nothing else does", () => {
  expect(hrefs("see https://a.example/x?y=1, and (http://b.example).")).toEqual(["https://a.example/x?y=1", "http://b.example/"]);
  expect(hrefs('javascript:alert(1) data:text/html,x ftp://a.example https://" onclick=x file:///etc')).toEqual([]);
  expect(hrefs("(see https://a.example/Rust_(language)), https://a.example/[1]?, https://a.example/x)")).toEqual(["https://a.example/Rust_(language)", "https://a.example/[1]", "https://a.example/x"]);
  const body = "a https://a.example/<b> c";
  expect(pieces(body).map(({ text }) => text).join("")).toBe(body);
});

test("an address ends where something invisible would turn or hide the rest of it", () => {
  for (const sign of "\u202a\u202e\u2066\u2069\u200b\u200f") {
    expect(hrefs(`https://a.example/x${sign}gpj.exe`), sign).toEqual(["https://a.example/x"]);
  }
  expect(hrefs("https://a.example/👋/ü")).toEqual(["https://a.example/%F0%9F%91%8B/%C3%BC"]);
});

test("length is counted as the server counts it", () => expect(lengthOf("a👋é")).toBe(3));

test("initials are whole characters", () => {
  expect(["Alice Archer", "bob", "👋 Wave Maker", "  "].map(initialsOf)).toEqual(["AA", "B", "👋M", "?"]);
});

test("days and ages are told in the locale's words", () => {
  const now = new Date(2026, 10, 24, 12).getTime();
  expect([dayOf(new Date(2026, 10, 24, 1).toISOString(), en, now), dayOf(new Date(2026, 10, 23, 23).toISOString(), en, now)]).toEqual(["Today", "Yesterday"]);
  expect([dayOf(new Date(2026, 0, 5).toISOString(), en, now), dayOf(new Date(2025, 11, 31).toISOString(), en, now)]).toEqual(["Monday, January 5", "Wednesday, December 31, 2025"]);
  expect([shortTime(new Date(2026, 0, 5).toISOString(), en, now), shortTime(new Date(2025, 11, 31).toISOString(), en, now)]).toEqual(["Jan 5", "Dec 31, 2025"]);
  expect(ago(new Date(now - 3 * 3_600_000).toISOString(), en, now)).toBe("3 hr. ago");
});

test("the Enter that ends the composition of a character is told by its code in Safari", () => {
  expect([{ isComposing: true, keyCode: 13 }, { isComposing: false, keyCode: 229 }, { isComposing: false, keyCode: 13 }].map(isComposed)).toEqual([true, true, false]);
});

test("a name keeps to itself inside a sentence", () => {
  for (const { typing, beginning, nothingFound, newMessageFrom } of [en, ar]) {
    for (const text of [typing("N"), beginning("N"), nothingFound("N"), newMessageFrom("N", "")]) expect(text).toContain("\u2068N\u2069");
  }
});

test("every locale says everything, and unknown languages are English", () => {
  expect(Object.keys(ar).sort()).toEqual(Object.keys(en).sort());
  expect([textsFor("ar-EG").dir, textsFor("de").locale]).toEqual(["rtl", "en"]);
});

test("heights: guessed until measured, and a place finds its row", () => {
  const heights = new Heights();
  const layOut = () => heights.layOut(4, (index) => index, () => 40);
  layOut();
  expect(heights.total).toBe(160);
  expect([heights.measure(1, 100), heights.measure(1, 100)]).toEqual([true, false]);
  layOut();
  expect([heights.total, heights.top(2), heights.indexAt(139), heights.indexAt(140), heights.indexAt(9_999)]).toEqual([220, 140, 1, 2, 3]);
});
