import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { openList, panelStories, untilStatus } from "./panel-story.ts";

const story = panelStories();
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Faults that axe finds now, with what they are about. */
async function faults(page: Page): Promise<string[]> {
  // The page's policy lets in no foreign script; an evaluation by the debugger is none.
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }> } }).axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${failureSummary} ${html.slice(0, 200)}`));
  });
}

const looks = [
  { name: "light", context: { colorScheme: "light" as const } },
  { name: "dark", context: { colorScheme: "dark" as const } },
];

for (const { name, context } of looks) {
  story(`axe_finds_nothing_in_${name}`, async ({ gateway, page, context: browserContext }) => {
    await untilStatus(page, "online");
    assert.deepEqual(await faults(page), [], "closed");
    await openList(page);
    assert.deepEqual(await faults(page), [], "conversations");
    await page.getByTestId("tab-online").click();
    assert.deepEqual(await faults(page), [], "people online");
    await page.getByTestId("search").fill("nobody at all");
    await page.getByTestId("search-results").filter({ hasText: "Nobody found" }).waitFor();
    assert.deepEqual(await faults(page), [], "nothing found");
    await page.getByTestId("clear-search").click();
    await page.getByTestId("tab-chats").click();
    await page.locator('[data-testid="conversation-row"][data-user-id="erin"]').click();
    await page.getByTestId("new-messages").waitFor();
    gateway.answer = (event) => (event === "message:send" ? { ok: false, error: { code: "body_too_long", message: "" } } : undefined);
    await page.getByTestId("message-input").fill("refused");
    await page.keyboard.press("Enter");
    await page.getByTestId("message-retry").waitFor();
    assert.deepEqual(await faults(page), [], "conversation with a failed message");
    await browserContext.setOffline(true);
    await untilStatus(page, "offline");
    assert.deepEqual(await faults(page), [], "offline");
    await browserContext.setOffline(false);
    await untilStatus(page, "online");
    gateway.namespace.emit("session:expired", { reason: "revoked" });
    await page.getByTestId("log-in").waitFor();
    assert.deepEqual(await faults(page), [], "session ended");
  }, { context: { ...context, reducedMotion: "reduce" } });
}

/** The test id of what has the focus, through all shadow roots. */
function focused(page: Page): Promise<string | undefined> {
  return page.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return (element as HTMLElement | null)?.dataset.testid;
  });
}

async function untilFocused(page: Page, testid: string): Promise<void> {
  await page.waitForFunction((wanted) => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return (element as HTMLElement | null)?.dataset.testid === wanted;
  }, testid);
}

story("everything_can_be_reached_by_keyboard_and_the_focus_goes_where_it_is_needed", async ({ page }) => {
  await untilStatus(page, "online");
  await page.keyboard.press("Tab");
  assert.equal(await focused(page), "chat-button");
  await page.keyboard.press("Enter");
  await untilFocused(page, "search");
  await page.keyboard.press("Tab");
  assert.equal(await focused(page), "tab-chats");
  await page.keyboard.press("ArrowRight");
  await untilFocused(page, "tab-online");
  await page.keyboard.press("ArrowLeft");
  await untilFocused(page, "tab-chats");
  await page.keyboard.press("Tab");
  assert.equal(await focused(page), "conversation-row");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("End");
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await untilFocused(page, "message-input");
  await page.keyboard.press("Shift+Tab");
  assert.equal(await focused(page), "messages");
  await page.keyboard.press("Escape");
  await untilFocused(page, "chat-button");
  await page.getByTestId("panel").waitFor({ state: "detached" });
});

story("what_arrives_is_announced_once", async ({ gateway, page }) => {
  await untilStatus(page, "online");
  gateway.say("bob", "are you there?");
  await page.getByTestId("announcer").filter({ hasText: "Bob Brandt: are you there?" }).waitFor();
});

/** Elements that reach beyond the window's sides. */
function overflowing(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const walk = (root: ParentNode) => {
      for (const element of root.querySelectorAll<HTMLElement>("*")) {
        const { left, right, width } = element.getBoundingClientRect();
        // A name that is too long is cut by the line that it stands in.
        if (element.tagName !== "BDI" && width > 1 && (left < -1 || right > innerWidth + 1)) found.push(`${element.tagName}.${element.className}: ${left}–${right}`);
        if (element.shadowRoot) walk(element.shadowRoot);
      }
    };
    walk(document);
    return document.documentElement.scrollWidth > innerWidth ? [...found, "the page scrolls sideways"] : found;
  });
}

// 200 % zoom of a window of 640 pixels is a window of 320.
for (const [name, language, viewport] of [
  ["at_320_pixels", "en", { width: 320, height: 568 }],
  ["from_right_to_left", "ar", { width: 320, height: 568 }],
  ["at_200_percent_zoom", "en", { width: 640, height: 400 }],
] as const) {
  story(`nothing_overflows_${name}`, async ({ page }) => {
    await openList(page);
    assert.deepEqual(await overflowing(page), []);
    await page.getByTestId("tab-online").click();
    assert.deepEqual(await overflowing(page), []);
    await page.getByTestId("tab-chats").click();
    await page.locator('[data-testid="conversation-row"][data-user-id="bob"]').click();
    await page.getByTestId("message").last().waitFor();
    assert.deepEqual(await overflowing(page), []);
    if (language === "ar") assert.deepEqual(await faults(page), []);
  }, { context: { viewport, reducedMotion: "reduce" }, page: { language } });
}
