import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { waitUntil } from "../stack/wait-until.ts";
import { openConversation, openList, panelStories, untilMine, untilStatus } from "./panel-story.ts";

const story = panelStories();

story("unread_is_on_the_button_in_the_title_and_in_the_list_and_goes_by_reading", async ({ gateway, page }) => {
  await page.locator('[data-testid="chat-button"][data-unread="3"]').waitFor();
  await page.waitForFunction(() => document.title === "(3) Portal");
  await openList(page);
  assert.equal(await page.locator('[data-testid="conversation-row"][data-user-id="tom"]').getAttribute("title"), "Last seen 3 days ago");
  const erin = page.locator('[data-testid="conversation-row"][data-user-id="erin"]');
  assert.equal(await erin.getAttribute("data-unread"), "2");
  await erin.click();
  await page.getByTestId("new-messages").waitFor();
  await page.locator('[data-testid="chat-button"][data-unread="1"]').waitFor();
  await page.waitForFunction(() => document.title === "(1) Portal");
  assert.equal(gateway.mark("erin").myReadSeq, 2);
  // Another tab of mine reads what is left.
  gateway.namespace.emit("message:read", { conversationId: gateway.conversationId("yusuf"), by: "me", upToSeq: 1, at: new Date().toISOString() });
  await page.locator('[data-testid="chat-button"][data-unread="0"]').waitFor();
});

story("a_message_goes_from_sending_to_read", async ({ gateway, page }) => {
  await openConversation(page, "bob");
  gateway.answer = (event) => (event === "message:send" ? null : undefined);
  await page.getByTestId("message-input").fill("first line");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("second line");
  await page.keyboard.press("Enter");
  await untilMine(page, "second line", "sending");
  const { payload } = gateway.asked.filter(({ event }) => event === "message:send").at(-1) as { payload: any };
  assert.equal(payload.body, "first line\nsecond line");
  gateway.namespace.emit("message:new", gateway.write("bob", "me", payload.body, new Date(), payload.clientMessageId));
  await untilMine(page, "second line", "sent");
  const mark = { conversationId: gateway.conversationId("bob"), by: "bob", upToSeq: 9, at: new Date().toISOString() };
  gateway.namespace.emit("message:delivered", mark);
  await untilMine(page, "second line", "delivered");
  gateway.namespace.emit("message:read", mark);
  await untilMine(page, "second line", "read");
  assert.equal(await page.getByTestId("message").filter({ hasText: "second line" }).count(), 1);
});

story("a_refused_message_says_why_and_is_tried_again_with_the_same_id", async ({ gateway, page }) => {
  await openConversation(page, "bob");
  gateway.answer = (event) => (event === "message:send" ? { ok: false, error: { code: "recipient_not_found", message: "" } } : undefined);
  await page.getByTestId("message-input").fill("are you there");
  await page.keyboard.press("Enter");
  await untilMine(page, "are you there", "failed");
  gateway.answer = () => undefined;
  await page.getByTestId("message-retry").click();
  await untilMine(page, "are you there", "sent");
  const ids = gateway.asked.filter(({ event }) => event === "message:send").map(({ payload }) => payload.clientMessageId);
  assert.equal(ids.length, 2);
  assert.equal(ids[0], ids[1]);
});

story("messages_stand_under_their_day_in_groups_and_run_their_own_way", async ({ gateway, page }) => {
  await openConversation(page, "bob");
  assert.deepEqual(await page.locator("rt-messages .day").allTextContents(), ["Yesterday", "Today"]);
  // Two within a minute belong together; an hour or another author parts them.
  const groups = await page.getByTestId("message").evaluateAll((all) => all.map(({ classList }) => `${classList.contains("first") ? "[" : ""}${classList.contains("mine") ? "me" : "bob"}${classList.contains("last") ? "]" : ""}`));
  assert.equal(groups.join(" "), "[bob] [me] [bob] [me me] [bob bob] [me]");

  const emoji = "👩‍👩‍👧‍👦 👍🏽 🏳️‍🌈";
  gateway.say("bob", "صباح الخير\nGood morning\nمع السلامة");
  gateway.say("bob", emoji);
  await page.getByTestId("message").filter({ hasText: emoji }).waitFor();
  const sides = await page.getByTestId("message").filter({ hasText: "صباح الخير" }).locator(".body").evaluate((body) => {
    const bubble = body.parentElement as HTMLElement;
    const range = document.createRange();
    const text = [...body.childNodes].find(({ nodeType }) => nodeType === Node.TEXT_NODE) as Text;
    // The left and the right of each line, from the bubble's own.
    return (text.data.split("\n")).map((line) => {
      range.setStart(text, text.data.indexOf(line));
      range.setEnd(text, text.data.indexOf(line) + line.length);
      const [{ left, right }, box] = [range.getBoundingClientRect(), bubble.getBoundingClientRect()];
      return [Math.round(left - box.left), Math.round(box.right - right)];
    });
  });
  assert.equal(sides[0]?.[1], 0, "Arabic begins at the right");
  assert.equal(sides[1]?.[0], 0, "English begins at the left");
});

story("a_portal_gives_the_panel_its_own_colours", async ({ page }) => {
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
      realtime-chat { --chat-accent: rgb(1, 100, 2); --chat-surface: rgb(250, 250, 240); --chat-radius: 3px; }
      realtime-chat::part(badge) { background: rgb(90, 0, 90); }
      realtime-chat::part(own-message) { border-radius: 5px; }`);
    document.adoptedStyleSheets = [sheet];
  });
  const styled = (name: string, property: string) => page.locator(name).first().evaluate((element, wanted) => getComputedStyle(element).getPropertyValue(wanted), property);
  assert.equal(await styled(".badge", "background-color"), "rgb(90, 0, 90)");
  await openConversation(page, "bob");
  assert.equal(await styled('[data-testid="chat-button"]', "background-color"), "rgb(1, 100, 2)");
  assert.equal(await styled('[data-testid="panel"]', "background-color"), "rgb(250, 250, 240)");
  assert.equal(await styled('[data-testid="panel"]', "border-top-left-radius"), "3px");
  assert.equal(await styled('[data-testid="message"][data-mine="true"]', "border-top-left-radius"), "5px");
});

story("text_styles_of_the_page_stay_outside", async ({ page }) => {
  await openConversation(page, "bob");
  const styles = () => page.getByTestId("message").first().evaluate((element) => {
    const { letterSpacing, textTransform, lineHeight, fontStyle, fontWeight, wordSpacing, textShadow, textAlign, whiteSpace, cursor } = getComputedStyle(element);
    return [letterSpacing, textTransform, lineHeight, fontStyle, fontWeight, wordSpacing, textShadow, textAlign, whiteSpace, cursor];
  });
  const before = await styles();
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`body { letter-spacing: 3px; text-transform: uppercase; line-height: 3; font: italic 900 30px/3 serif; word-spacing: 9px;
      text-shadow: 1px 1px red; text-align: right; white-space: nowrap; cursor: wait; color: red; }`);
    document.adoptedStyleSheets = [sheet];
  });
  assert.deepEqual(await styles(), before);
});

story("a_title_keeps_the_number_that_is_its_own", async ({ gateway, page }) => {
  await page.waitForFunction(() => document.title === "(3) Portal");
  // A page that counts something itself.
  await page.evaluate(() => { document.title = "(12) Orders"; });
  gateway.say("bob", "hello");
  await page.waitForFunction(() => document.title === "(4) (12) Orders");
  gateway.say("bob", "hello again");
  await page.waitForFunction(() => document.title === "(5) (12) Orders");
  await page.evaluate(() => document.querySelector("realtime-chat")?.remove());
  assert.equal(await page.title(), "(12) Orders");
});

story("the_first_escape_clears_the_search_and_the_second_closes", async ({ page }) => {
  await openList(page);
  await page.getByTestId("search").fill("marc");
  await page.getByTestId("search-result").waitFor();
  await page.keyboard.press("Escape");
  await page.getByTestId("conversation-row").first().waitFor();
  assert.equal(await page.getByTestId("search").inputValue(), "");
  await page.keyboard.press("Escape");
  await page.getByTestId("panel").waitFor({ state: "detached" });
});

story("two_enters_within_a_frame_send_once_and_an_enter_of_a_composition_not_at_all", async ({ gateway, page }) => {
  await openConversation(page, "bob");
  const field = page.getByTestId("message-input");
  const press = (...codes: number[]) => field.evaluate((element, all) => {
    for (const keyCode of all) element.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", keyCode, bubbles: true, cancelable: true }));
  }, codes);
  await field.fill("日本");
  await press(229);
  assert.equal(await field.inputValue(), "日本");
  await press(13, 13);
  await untilMine(page, "日本", "sent");
  await field.fill("and more");
  await press(13);
  await untilMine(page, "and more", "sent");
  assert.deepEqual(gateway.asked.filter(({ event }) => event === "message:send").map(({ payload }) => payload.body), ["日本", "and more"]);
});

const WATCHES_NOTICES = `
globalThis.notices = [];
globalThis.Notification = class { static permission = "granted"; constructor(title) { notices.push(title); } close() {} };`;

/** As if another tab were before this one. */
async function hide(page: Page): Promise<void> {
  await page.evaluate(() => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
}

story("what_another_tab_has_read_is_not_notified_in_this_one", async ({ gateway, page, context }) => {
  await context.addInitScript(WATCHES_NOTICES);
  await page.reload();
  await untilStatus(page, "online");
  await hide(page);
  const { seq } = gateway.say("bob", "read over there");
  gateway.namespace.emit("message:read", { conversationId: gateway.conversationId("bob"), by: "me", upToSeq: seq, at: new Date().toISOString() });
  gateway.say("erin", "read nowhere");
  const notices = () => page.evaluate(() => (globalThis as unknown as { notices: string[] }).notices);
  await waitUntil("a notice", async () => (await notices()).length > 0);
  assert.deepEqual(await notices(), ["Erin Ekström"]);
});

story("a_stranger_is_announced_and_notified_by_name_and_a_nameless_one_without_an_id", async ({ gateway, page, context }) => {
  await context.addInitScript(WATCHES_NOTICES);
  await page.reload();
  await untilStatus(page, "online");
  await hide(page);
  await openList(page);
  const lists = () => gateway.asked.filter(({ event }) => event === "conversation:list").length;
  const before = lists();
  gateway.add("cm3x7k2", "Nora Nyström");
  gateway.say("cm3x7k2", "we have not met");
  const notices = () => page.evaluate(() => (globalThis as unknown as { notices: string[] }).notices);
  await waitUntil("a notice", async () => (await notices()).length === 1);
  gateway.add("cm9z1q0", " \u200b");
  for (const body of ["one", "two", "three"]) gateway.say("cm9z1q0", body);
  await waitUntil("notices of the nameless", async () => (await notices()).length === 4);
  assert.deepEqual(await notices(), ["Nora Nyström", "New message", "New message", "New message"]);
  assert.equal(lists() - before, 2);
});

story("search_finds_people_who_are_offline_and_opens_a_conversation", async ({ page }) => {
  await openList(page);
  await page.keyboard.type("marc");
  await page.locator('[data-testid="search-result"][data-user-id="marco"]').click();
  await page.getByTestId("peer-name").filter({ hasText: "Marco Bellini" }).waitFor();
  await page.getByTestId("peer-presence").filter({ hasText: "Last seen 5 days ago" }).waitFor();
});

story("drafts_and_the_limit", async ({ page }) => {
  await openConversation(page, "bob");
  const field = page.getByTestId("message-input");
  await field.fill("x".repeat(38));
  await page.getByTestId("limit").filter({ hasText: "2 characters left" }).waitFor();
  await field.fill("y".repeat(41));
  await page.getByTestId("limit").filter({ hasText: "1 character too many" }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByTestId("back").click();
  await page.locator('[data-testid="conversation-row"][data-user-id="erin"]').click();
  assert.equal(await field.inputValue(), "");
  await page.getByTestId("back").click();
  await page.locator('[data-testid="conversation-row"][data-user-id="bob"]').filter({ hasText: "Draft" }).click();
  assert.equal((await field.inputValue()).length, 41);
}, { furnish: (gateway) => {
  gateway.bodyMax = 40;
  gateway.add("bob", "Bob", { isOnline: true });
  gateway.add("erin", "Erin");
  gateway.write("bob", "bob", "hello");
  gateway.write("erin", "erin", "hello");
} });

story("typing_is_seen_and_told", async ({ gateway, page }) => {
  await openConversation(page, "bob");
  gateway.namespace.emit("typing", { from: "bob", typing: true });
  await page.getByTestId("typing").filter({ hasText: "\u2068Bob Brandt\u2069 is typing" }).waitFor();
  gateway.say("bob", "there");
  await page.getByTestId("typing").filter({ hasNotText: "typing" }).waitFor();
  await page.keyboard.type("me too");
  await waitUntil("the gateway hears of the typing", async () => gateway.asked.some(({ event }) => event === "typing"));
  assert.deepEqual(gateway.asked.filter(({ event }) => event === "typing").map(({ payload }) => payload), [{ to: "bob", typing: true }]);
});

story("staff_see_tenants_with_counts_and_filter_by_them", async ({ page }) => {
  await openList(page);
  await page.getByTestId("tab-online").click();
  await page.locator('[data-testid="online-user"][data-user-id="carol"]').filter({ hasText: "globex" }).waitFor();
  const filter = page.getByTestId("tenant-filter");
  assert.deepEqual(await filter.locator("option").allTextContents(), ["All tenants", "acme (1)", "globex (1)"]);
  await filter.selectOption("globex");
  await page.locator('[data-testid="online-user"][data-user-id="bob"]').waitFor({ state: "detached" });
  await page.locator('[data-testid="online-user"][data-user-id="carol"]').waitFor();
}, { page: { portal: "manage" }, furnish: (gateway) => {
  gateway.self = { id: "me", tenantId: null, name: "Mia", kind: "manage", lastSeenAt: null };
  gateway.mode = "watch";
  gateway.add("bob", "Bob", { isOnline: true });
  gateway.add("carol", "Carol", { isOnline: true, tenantId: "globex" });
  gateway.write("bob", "bob", "hello");
} });

story("staff_find_every_tenant_in_the_filter_however_many", async ({ page }) => {
  await openList(page);
  await page.getByTestId("tab-online").click();
  const filter = page.getByTestId("tenant-filter");
  await filter.locator("option").nth(700).waitFor({ state: "attached" });
  await filter.selectOption("tenant-650");
  await page.locator('[data-testid="online-user"][data-user-id="user-650"]').waitFor();
  assert.equal(await page.getByTestId("online-user").count(), 1);
}, { page: { portal: "manage" }, furnish: (gateway) => {
  gateway.self = { id: "me", tenantId: null, name: "Mia", kind: "manage", lastSeenAt: null };
  gateway.mode = "watch";
  gateway.add("bob", "Bob");
  gateway.write("bob", "bob", "hello");
  for (let index = 0; index < 700; index += 1) gateway.add(`user-${index}`, `User ${index}`, { isOnline: true, tenantId: `tenant-${index}` });
} });

story("names_and_bodies_are_never_markup", async ({ gateway, page }) => {
  await openConversation(page, "mallory");
  gateway.say("mallory", '<img src=x onerror="window.hit=1"> javascript:alert(1) https://ok.example/"onmouseover="window.hit=1');
  await page.getByTestId("message").filter({ hasText: "javascript:alert(1)" }).waitFor();
  const links = await page.getByTestId("message").locator("a").evaluateAll((all) => all.map((link) => [(link as HTMLAnchorElement).href, link.getAttribute("rel")]));
  assert.deepEqual(links, [["https://ok.example/", "noopener noreferrer nofollow"]]);
  assert.equal(await page.locator("realtime-chat img, realtime-chat script").count(), 0);
  assert.equal(await page.evaluate(() => "hit" in window), false);
}, { furnish: (gateway) => {
  gateway.add("mallory", '<script>window.hit=1</script><b>Mallory</b>" onclick="window.hit=1', { isOnline: true });
  gateway.write("mallory", "mallory", "<svg/onload=window.hit=1>");
} });
