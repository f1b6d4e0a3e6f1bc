import assert from "node:assert/strict";
import { waitUntil } from "../stack/wait-until.ts";
import { openConversation, openList, panelStories, untilMine, untilStatus } from "./panel-story.ts";

const story = panelStories();

story("what_is_written_offline_is_sent_once_and_the_gap_is_filled", async ({ gateway, page, context }) => {
  await openConversation(page, "bob");
  await context.setOffline(true);
  await untilStatus(page, "offline");
  await page.getByTestId("message-input").fill("written in a tunnel");
  await page.keyboard.press("Enter");
  await untilMine(page, "written in a tunnel", "queued");
  gateway.write("bob", "bob", "said meanwhile");
  await context.setOffline(false);
  await untilMine(page, "written in a tunnel", "sent");
  await page.getByTestId("message").filter({ hasText: "said meanwhile" }).waitFor();
  const asked = gateway.asked.filter(({ event }) => event === "sync").map(({ payload }) => payload.since[gateway.conversationId("bob")]);
  assert.deepEqual(asked, [8]);
  assert.equal(gateway.messages.get("bob")?.filter(({ body }) => body === "written in a tunnel").length, 1);
});

story("a_lost_link_counts_down_and_can_be_tried_at_once", async ({ gateway, page }) => {
  await openConversation(page, "bob");
  gateway.refuseWith = "unavailable";
  gateway.namespace.disconnectSockets(true);
  await page.getByTestId("status").filter({ hasText: /Trying again in \d+ s/ }).waitFor();
  gateway.refuseWith = undefined;
  await page.getByTestId("retry-now").click();
  await untilStatus(page, "online");
});

story("without_a_link_nobody_is_counted_or_dotted_as_online", async ({ gateway, page }) => {
  await openList(page);
  const [tab, bob] = [page.getByTestId("tab-online"), page.locator('[data-testid="conversation-row"][data-user-id="bob"]')];
  await bob.and(page.locator('[data-online="true"]')).waitFor();
  assert.equal(await tab.textContent(), "Online4");
  gateway.refuseWith = "unavailable";
  gateway.namespace.disconnectSockets(true);
  await untilStatus(page, "reconnecting");
  await bob.and(page.locator('[data-online="false"]')).waitFor();
  assert.deepEqual([await tab.textContent(), await bob.locator(".avatar i").count()], ["Online", 0]);
  gateway.refuseWith = undefined;
  await untilStatus(page, "online");
  await bob.and(page.locator('[data-online="true"]')).waitFor();
});

for (const code of ["unavailable", "too_many_sockets"]) {
  story(`a_connect_refused_with_${code}_is_tried_again_by_itself`, async ({ gateway, page }) => {
    gateway.refuseWith = code;
    await page.reload();
    await untilStatus(page, "reconnecting");
    gateway.refuseWith = undefined;
    await untilStatus(page, "online");
  });
}

story("the_end_of_the_session_asks_for_a_login_and_stays", async ({ gateway, page }) => {
  await openConversation(page, "bob");
  gateway.namespace.emit("session:expired", { reason: "revoked" });
  gateway.namespace.disconnectSockets();
  await page.getByTestId("log-in").waitFor();
  assert.equal(await page.getByTestId("message-input").getAttribute("readonly"), "");
  assert.equal(await page.getByTestId("log-in").getAttribute("href"), "/sign-in");
}, { page: { attributes: 'login-url="/sign-in"' } });

story("a_changed_session_is_taken_up_at_once_and_nothing_of_the_old_one_stays", async ({ gateway, page }) => {
  await openConversation(page, "bob");
  gateway.self = { id: "other", tenantId: "acme", name: "Somebody Else", kind: "tenant", lastSeenAt: null };
  gateway.messages.clear();
  gateway.namespace.emit("session:expired", { reason: "changed" });
  gateway.namespace.disconnectSockets();
  await page.locator('[data-testid="panel"][data-view="list"]').filter({ hasText: "No conversations yet" }).waitFor();
  await untilStatus(page, "online");
});

story("draining_is_said_and_the_link_comes_back_when_it_was_told_to", async ({ gateway, page }) => {
  await openConversation(page, "bob");
  gateway.namespace.emit("server:draining", { reconnectInMs: 300 });
  await page.getByTestId("status").filter({ hasText: "being updated" }).waitFor();
  gateway.namespace.disconnectSockets(true);
  await untilStatus(page, "online");
});

story("a_gap_in_the_numbers_is_asked_for", async ({ gateway, page }) => {
  await openConversation(page, "bob");
  gateway.write("bob", "bob", "lost on the way");
  gateway.say("bob", "came through");
  await page.getByTestId("message").filter({ hasText: "lost on the way" }).waitFor();
  const last = await page.getByTestId("message").locator(".body").allTextContents();
  assert.deepEqual(last.slice(-2), ["lost on the way", "came through"]);
});

story("on_a_slow_network_the_page_says_that_it_connects_and_nothing_is_doubled", async ({ gateway, page, context }) => {
  const network = await context.newCDPSession(page);
  await network.send("Network.enable");
  await network.send("Network.emulateNetworkConditions", { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 20_000 });
  await page.reload();
  await openConversation(page, "bob");
  for (const body of ["slow one", "slow two"]) {
    await page.getByTestId("message-input").fill(body);
    await page.keyboard.press("Enter");
  }
  await untilMine(page, "slow two", "sent");
  assert.deepEqual(gateway.messages.get("bob")?.slice(-2).map(({ body }) => body), ["slow one", "slow two"]);
});

story("who_has_logged_in_again_in_another_tab_finds_this_one_alive", async ({ gateway, page }) => {
  await openConversation(page, "bob");
  await page.evaluate(() => {
    Object.assign(globalThis, { told: [] });
    document.addEventListener("chat-status", (event) => (globalThis as unknown as { told: string[] }).told.push((event as CustomEvent<{ kind: string }>).detail.kind));
  });
  gateway.refuseWith = "unauthorized";
  gateway.namespace.emit("session:expired", { reason: "revoked" });
  gateway.namespace.disconnectSockets();
  await page.getByTestId("log-in").waitFor();
  // Still nobody: the page says what it said before, once.
  const refused = gateway.refusals;
  await page.evaluate(() => window.dispatchEvent(new Event("focus")));
  await waitUntil("the tab has tried", async () => gateway.refusals > refused);
  await page.evaluate(() => window.dispatchEvent(new Event("focus")));
  await waitUntil("and once more", async () => gateway.refusals > refused + 1);
  assert.deepEqual(await page.evaluate(() => (globalThis as unknown as { told: string[] }).told), ["ended"]);

  gateway.refuseWith = undefined;
  gateway.write("bob", "bob", "said meanwhile");
  await page.evaluate(() => window.dispatchEvent(new Event("focus")));
  await untilStatus(page, "online");
  await page.getByTestId("message").filter({ hasText: "said meanwhile" }).waitFor();
});

story("another_portal_is_another_connection", async ({ gateway, page }) => {
  await openConversation(page, "bob");
  const before = await page.evaluate(() => {
    const chat = document.querySelector("realtime-chat") as HTMLElement & { client: unknown };
    Object.assign(globalThis, { firstClient: chat.client });
    chat.setAttribute("portal", "dm");
    return chat.isConnected;
  });
  assert.ok(before);
  await waitUntil("the gateway hears of the other portal", async () => gateway.portals.at(-1) === "dm");
  await untilStatus(page, "online");
  await waitUntil("one socket is left", async () => (await gateway.namespace.fetchSockets()).length === 1);
  assert.ok(await page.evaluate(() => (document.querySelector("realtime-chat") as unknown as { client: unknown }).client !== (globalThis as unknown as { firstClient: unknown }).firstClient));
  // An attribute that says the same again changes nothing.
  await page.evaluate(() => document.querySelector("realtime-chat")?.setAttribute("portal", "dm"));
  await openList(page);
  assert.deepEqual(gateway.portals, ["dashboard", "dm"]);
});
