import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { waitUntil } from "../stack/wait-until.ts";
import type { FakeGateway } from "./fake-gateway.ts";
import { openConversation, openList, panelStories, untilMine, untilStatus } from "./panel-story.ts";

const story = panelStories();
const LONG = "Maximiliane".repeat(20).slice(0, 200);
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
  { name: "light", context: { colorScheme: "light" as const }, language: "en" },
  { name: "dark", context: { colorScheme: "dark" as const }, language: "en" },
  { name: "light_from_right_to_left", context: { colorScheme: "light" as const }, language: "ar", direction: "rtl" },
  // A page that has only said its language.
  { name: "dark_in_arabic", context: { colorScheme: "dark" as const }, language: "ar" },
  { name: "forced_colours", context: { forcedColors: "active" as const }, language: "en" },
];

for (const { name, context, language, direction } of looks) {
  story(`axe_finds_nothing_in_${name}`, async ({ gateway, page, context: browserContext }) => {
    await untilStatus(page, "online");
    assert.deepEqual(await faults(page), [], "closed");
    await openList(page);
    assert.deepEqual(await faults(page), [], "conversations");
    await page.getByTestId("tab-online").click();
    assert.deepEqual(await faults(page), [], "people online");
    await page.getByTestId("search").fill("li");
    await page.getByTestId("search-result").first().waitFor();
    assert.deepEqual(await faults(page), [], "search");
    await page.getByTestId("search").fill("nobody at all");
    await page.getByTestId("search-results").filter({ hasText: "nobody at all" }).waitFor();
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
  }, { context: { ...context, reducedMotion: "reduce" }, page: { language, direction } });
}

story("axe_finds_nothing_where_the_panel_is_the_page_and_nothing_could_be_loaded", async ({ gateway, page }) => {
  const refused = new Set(["conversation:list", "message:history"]);
  gateway.answer = (event) => (refused.has(event) ? { ok: false, error: { code: "unavailable", message: "" } } : undefined);
  await page.reload();
  await page.getByTestId("chat-button").click();
  await page.getByTestId("reload").waitFor();
  assert.deepEqual(await faults(page), [], "no list");
  refused.delete("conversation:list");
  await page.getByTestId("reload").click();
  await page.locator('[data-testid="conversation-row"][data-user-id="erin"]').click();
  await page.getByTestId("reload").waitFor();
  assert.deepEqual(await faults(page), [], "no messages");
}, { context: { viewport: { width: 360, height: 700 }, reducedMotion: "reduce" } });

/** Animations that run now or once ran, in all shadow roots; the page is in its most lively state. */
async function animations(page: Page, gateway: FakeGateway): Promise<number> {
  await openConversation(page, "bob");
  gateway.namespace.emit("typing", { from: "bob", typing: true });
  await page.getByTestId("typing").filter({ hasText: "typing" }).waitFor();
  return page.evaluate(() => {
    const walk = (root: Document | ShadowRoot): number => [...root.querySelectorAll("*")].reduce(
      (sum, { shadowRoot }) => sum + (shadowRoot ? walk(shadowRoot) : 0), root.getAnimations().length,
    );
    return walk(document);
  });
}

story("nothing_moves_for_somebody_who_wants_no_motion", async ({ page, gateway }) => {
  assert.equal(await animations(page, gateway), 0);
}, { context: { reducedMotion: "reduce" } });

story("something_moves_for_everybody_else", async ({ page, gateway }) => {
  assert.ok((await animations(page, gateway)) > 0);
}, { context: { reducedMotion: "no-preference" } });

story("what_colours_say_is_drawn_as_well_when_colours_are_forced", async ({ page }) => {
  const drawn = (testid: string, properties: readonly string[]) => page.getByTestId(testid).first().evaluate((element, names) => (
    names.map((name) => getComputedStyle(element).getPropertyValue(name))
  ), properties);
  await untilStatus(page, "online");
  assert.deepEqual(await drawn("chat-button", ["border-top-style"]), ["solid"]);
  await openList(page);
  assert.notDeepEqual(await drawn("tab-chats", ["border-bottom-color"]), await drawn("tab-online", ["border-bottom-color"]));
  await page.locator('[data-testid="conversation-row"][data-user-id="bob"]').click();
  await page.getByTestId("message").last().waitFor();
  assert.deepEqual(await drawn("message", ["border-top-style"]), ["solid"]);
  assert.deepEqual(await drawn("message-send", ["border-top-style"]), ["solid"]);
  assert.notEqual((await drawn("message-input", ["outline-style"]))[0], "none");
  await page.getByTestId("back").click();
  const row = page.locator('[data-testid="conversation-row"][data-user-id="bob"]');
  await row.and(page.locator(":focus")).waitFor();
  const dot = await row.locator(".avatar i").evaluate((element) => getComputedStyle(element).backgroundColor);
  assert.notEqual(dot, await row.evaluate((element) => getComputedStyle(element).backgroundColor));
}, { context: { forcedColors: "active" } });

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
  // Back to the row that was left, and upward in the conversation above it.
  for (const wanted of ["close", "back"]) {
    await page.keyboard.press("Shift+Tab");
    assert.equal(await focused(page), wanted);
  }
  await page.keyboard.press("Enter");
  await page.locator('[data-testid="conversation-row"][data-user-id="erin"]:focus').waitFor();
  await page.keyboard.press("ArrowUp");
  await page.locator('[data-testid="conversation-row"][data-user-id="bob"]:focus').waitFor();
  await page.keyboard.press("Enter");
  await untilFocused(page, "message-input");
  await page.keyboard.press("Shift+Tab");
  const top = () => page.getByTestId("messages").evaluate((element) => element.scrollTop);
  const before = await top();
  await page.keyboard.press("PageUp");
  await waitUntil("the conversation has moved", async () => (await top()) < before);
  await page.keyboard.press("Escape");
  await untilFocused(page, "chat-button");
  await page.getByTestId("panel").waitFor({ state: "detached" });
});

story("where_the_panel_is_the_page_tab_stays_within_it", async ({ page }) => {
  await untilStatus(page, "online");
  await openConversation(page, "bob");
  const panel = page.getByTestId("panel");
  assert.equal(await panel.getAttribute("aria-modal"), "true");
  for (const wanted of ["message-send", "back"]) {
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), wanted);
  }
  await page.keyboard.press("Shift+Tab");
  assert.equal(await focused(page), "message-send");
  // Beside a page of its own it is one thing among others.
  await page.setViewportSize({ width: 1000, height: 760 });
  await page.locator('[data-testid="panel"][aria-modal="false"]').waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await focused(page), "chat-button");
}, { context: { viewport: { width: 360, height: 700 } } });

story("the_focus_stays_in_the_panel_when_the_button_that_had_it_goes", async ({ gateway, page }) => {
  await openConversation(page, "bob");
  const use = async (testid: string, then: string) => {
    await page.getByTestId(testid).focus();
    await page.keyboard.press("Enter");
    await page.getByTestId(testid).waitFor({ state: "detached" });
    assert.equal(await focused(page), then, testid);
  };
  await page.getByTestId("messages").evaluate((element) => { element.scrollTop = 0; });
  await use("jump", "messages");
  for (const [testid, answer] of [["message-retry", undefined], ["message-drop", { ok: false, error: { code: "body_too_long", message: "" } }]] as const) {
    gateway.answer = (event) => (event === "message:send" ? { ok: false, error: { code: "body_too_long", message: "" } } : undefined);
    await page.getByTestId("message-input").fill("refused");
    await page.keyboard.press("Enter");
    await page.getByTestId(testid).waitFor();
    gateway.answer = () => answer;
    await use(testid, "messages");
  }
  gateway.answer = () => undefined;
  await page.getByTestId("back").click();
  gateway.refuseWith = "unavailable";
  gateway.namespace.disconnectSockets(true);
  await page.getByTestId("retry-now").waitFor();
  gateway.refuseWith = undefined;
  await use("retry-now", "search");
}, { context: { viewport: { width: 1000, height: 520 } } });

story("on_a_touched_screen_no_keyboard_comes_up_by_itself", async ({ page }) => {
  await openList(page);
  assert.notEqual(await focused(page), "search");
  await page.locator('[data-testid="conversation-row"][data-user-id="bob"]').tap();
  await untilFocused(page, "messages");
}, { context: { viewport: { width: 360, height: 700 }, hasTouch: true, isMobile: true } });

story("what_was_a_minute_ago_grows_older_by_itself", async ({ page, context }) => {
  await context.addInitScript(`
    const [now, every] = [Date.now, setInterval];
    let ahead = 0;
    Date.now = () => now() + ahead;
    globalThis.wait = (ms) => { ahead = ms; };
    globalThis.setInterval = (task, ms) => every(task, ms === 60_000 ? 20 : ms);`);
  await page.reload();
  await openList(page);
  const priya = page.locator('[data-testid="conversation-row"][data-user-id="priya"]');
  assert.match((await priya.getAttribute("title")) ?? "", /Last seen 4\d min\. ago/);
  await page.evaluate(() => (globalThis as unknown as { wait(ms: number): void }).wait(2 * 3_600_000));
  await priya.and(page.locator('[title="Last seen 3 hr. ago"]')).waitFor();
});

story("what_arrives_is_announced_each_time", async ({ gateway, page }) => {
  await untilStatus(page, "online");
  const announcer = page.getByTestId("announcer");
  const texts: string[] = [];
  for (let time = 0; time < 3; time += 1) {
    gateway.say("bob", "are you there?");
    await waitUntil("another text", async () => (await announcer.textContent()) !== (texts.at(-1) ?? ""));
    texts.push((await announcer.textContent()) ?? "");
  }
  assert.equal(texts[0], "\u2068Bob Brandt\u2069: are you there?");
  assert.deepEqual(texts.map((text) => text.trim()), [texts[0], texts[0], texts[0]]);
});

story("a_name_of_two_hundred_letters_overflows_nothing", async ({ page, gateway }) => {
  await openList(page);
  assert.deepEqual(await overflowing(page), []);
  await page.getByTestId("tab-online").click();
  await page.getByTestId("online-user").first().waitFor();
  assert.deepEqual(await overflowing(page), []);
  await page.getByTestId("search").fill(LONG.slice(0, 100));
  await page.getByTestId("search-result").waitFor();
  assert.deepEqual(await overflowing(page), []);
  await page.getByTestId("search").fill("y".repeat(100));
  await page.getByTestId("search-results").filter({ hasText: "Nobody" }).waitFor();
  assert.deepEqual(await overflowing(page), []);
  await page.getByTestId("clear-search").click();
  await page.getByTestId("tab-chats").click();
  await page.getByTestId("conversation-row").click();
  await page.getByTestId("messages").filter({ hasText: "beginning" }).waitFor();
  gateway.namespace.emit("typing", { from: "long", typing: true });
  const typing = page.getByTestId("typing").filter({ hasText: "is typing" });
  await typing.waitFor();
  assert.deepEqual(await overflowing(page), []);
  // Cut with a sign that it is.
  assert.deepEqual(await typing.evaluate((line) => {
    const text = line.lastElementChild as HTMLElement;
    return [getComputedStyle(text).textOverflow, text.scrollWidth > text.clientWidth];
  }), ["ellipsis", true]);
}, {
  context: { viewport: { width: 320, height: 568 }, reducedMotion: "reduce" },
  furnish: (gateway) => {
    gateway.add("long", LONG, { isOnline: true });
    gateway.write("long", "long", "hello");
  },
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
  story(`nothing_overflows_${name}`, async ({ page, gateway, context }) => {
    await openList(page);
    assert.deepEqual(await overflowing(page), []);
    await page.getByTestId("tab-online").click();
    assert.deepEqual(await overflowing(page), []);
    await page.getByTestId("tab-chats").click();
    await page.locator('[data-testid="conversation-row"][data-user-id="bob"]').click();
    await page.getByTestId("message").last().waitFor();
    assert.deepEqual(await overflowing(page), []);
    // The longest words of the panel: a failure, the network that is gone, the end of the session.
    gateway.answer = (event) => (event === "message:send" ? { ok: false, error: { code: "recipient_not_found", message: "" } } : undefined);
    await page.getByTestId("message-input").fill("refused".repeat(40));
    await page.keyboard.press("Enter");
    await untilMine(page, "refused", "failed");
    assert.deepEqual(await overflowing(page), []);
    await context.setOffline(true);
    await untilStatus(page, "offline");
    assert.deepEqual(await overflowing(page), []);
    await context.setOffline(false);
    await untilStatus(page, "online");
    gateway.namespace.emit("session:expired", { reason: "revoked" });
    await page.getByTestId("log-in").waitFor();
    assert.deepEqual(await overflowing(page), []);
  }, { context: { viewport, reducedMotion: "reduce" }, page: { language } });
}
