import { expect, test } from "vitest";
import { launcherStyles } from "../src/elements/launcher-styles.ts";
import { messageRowStyles } from "../src/elements/message-row.ts";
import { themeStyles } from "../src/elements/theme.ts";

function declarationsOf(selector: string, styles: { cssText: string }): string[] {
  const [, body = ""] = new RegExp(`(?:^|[};/])\\s*${selector}\\s*\\{([^}]*)\\}`).exec(styles.cssText.replace(/\/\*.*?\*\//gs, "")) ?? [];
  return body.split(";").map((declaration) => declaration.trim()).filter(Boolean);
}

test("a page's rule for everything moves the panel nowhere, and styles no text in it", () => {
  const floats = declarationsOf(":host", launcherStyles);
  expect(floats.map((declaration) => declaration.split(":")[0])).toEqual(["position", "inset-block-end", "inset-inline-end", "z-index"]);
  expect(floats.filter((declaration) => !declaration.endsWith("!important"))).toEqual([]);
  expect(declarationsOf("\\.root", launcherStyles)[0]).toBe("all: initial");
});

type Colour = readonly [number, number, number];

const colourOf = (hex: string): Colour => {
  const [r = "", g = "", b = ""] = (hex.length === 3 ? [...hex].map((digit) => digit + digit) : hex.match(/../g)) ?? [];
  return [r, g, b].map((part) => parseInt(part, 16)) as unknown as Colour;
};

/** As WCAG 2 has it. */
function luminance(colour: Colour): number {
  const [r, g, b] = colour.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4)) as unknown as Colour;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

test("one's own words can be read while they wait, in both themes", () => {
  const opacity = Number(/\.is-queued[^{]*\{[^}]*opacity: ([.\d]+)/.exec(messageRowStyles.cssText)?.[1] ?? 1);
  const values = (name: string) => [...themeStyles.cssText.matchAll(new RegExp(`--_${name}: var\\([^,]+, #(\\w+)\\)`, "g"))].map(([, hex = ""]) => colourOf(hex));
  const [backgrounds, texts, surfaces] = [values("accent"), values("on-accent"), values("surface")];
  expect([backgrounds.length, texts.length, surfaces.length]).toEqual([3, 3, 3]);
  for (const [index, surface] of surfaces.entries()) {
    const seen = (colour: Colour | undefined) => luminance(surface.map((under, part) => under * (1 - opacity) + (colour?.[part] ?? 0) * opacity) as unknown as Colour);
    expect((seen(texts[index]) + 0.05) / (seen(backgrounds[index]) + 0.05)).toBeGreaterThanOrEqual(4.5);
  }
});
