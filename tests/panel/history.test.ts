import assert from "node:assert/strict";
import type { FakeGateway } from "./fake-gateway.ts";
import { openList, panelStories } from "./panel-story.ts";

const story = panelStories();

const refuse = (code: string) => (event: string) => (event === "message:history" ? { ok: false, error: { code, message: "" } } : undefined);

/** A talk with Bob of that many messages, of which the last ones are not read. */
function talk(count: number, unread: number) {
  return (gateway: FakeGateway) => {
    gateway.add("bob", "Bob Brandt", { isOnline: true });
    for (let index = 1; index <= count; index += 1) gateway.write("bob", "bob", `number ${index}`, new Date(Date.UTC(2026, 0, 1) + index * 60_000));
    gateway.mark("bob").myReadSeq = count - unread;
  };
}

story("a_page_that_cannot_be_had_says_so_and_comes_by_a_click", async ({ gateway, page }) => {
  await openList(page);
  gateway.answer = refuse("unavailable");
  await page.getByTestId("conversation-row").click();
  await page.getByRole("alert").filter({ hasText: "Could not load. The service is not available just now." }).waitFor();
  gateway.answer = () => undefined;
  await page.getByTestId("reload").click();
  await page.getByTestId("message").filter({ hasText: "number 120" }).waitFor();
  await page.getByTestId("reload").waitFor({ state: "detached" });

  // Upward alike.
  gateway.answer = refuse("unavailable");
  await page.getByTestId("messages").evaluate((element) => { element.scrollTop = 0; });
  await page.getByTestId("reload").waitFor();
  gateway.answer = () => undefined;
  await page.getByTestId("reload").click();
  await page.getByTestId("message").filter({ hasText: "number 70" }).waitFor();
}, { furnish: talk(120, 0) });

story("a_list_that_cannot_be_had_says_so_and_comes_by_a_click", async ({ gateway, page }) => {
  gateway.answer = (event) => (event === "conversation:list" ? { ok: false, error: { code: "unavailable", message: "" } } : undefined);
  await page.reload();
  await page.getByTestId("chat-button").click();
  await page.getByRole("alert").filter({ hasText: "Could not load." }).waitFor();
  gateway.answer = () => undefined;
  await page.getByTestId("reload").click();
  await page.getByTestId("conversation-row").waitFor();
}, { furnish: talk(1, 0) });

story("somebody_who_is_not_there_any_more_is_said_to_be_out_of_reach", async ({ gateway, page }) => {
  await openList(page);
  gateway.answer = refuse("recipient_not_found");
  await page.getByTestId("conversation-row").click();
  await page.getByRole("alert").filter({ hasText: "This person cannot be reached." }).waitFor();
}, { furnish: talk(3, 0) });

story("a_conversation_begins_at_its_first_new_message_and_nothing_is_read_before_it_was_seen", async ({ gateway, page }) => {
  await openList(page);
  let release = () => {};
  gateway.answer = (event) => (event === "message:history" ? new Promise((resolve) => { release = () => resolve(undefined); }) : undefined);
  await page.getByTestId("conversation-row").click();
  await page.getByTestId("message").filter({ hasText: "number 120" }).waitFor();
  // A frame in which it would have been told, and a way to the gateway and back.
  await page.evaluate(() => new Promise(requestAnimationFrame));
  await page.getByTestId("message-input").pressSequentially("x");
  await page.waitForFunction(() => document.title === "(80) Portal");
  assert.equal(gateway.asked.some(({ event }) => event === "message:read"), false);

  release();
  const marker = page.getByTestId("new-messages");
  await marker.waitFor();
  assert.equal(await marker.evaluate((element) => (element.parentElement as HTMLElement).querySelector<HTMLElement>("[data-seq]")?.dataset.seq), "41");
  const [inside, outside] = [await marker.boundingBox(), await page.getByTestId("messages").boundingBox()];
  assert.ok(inside && outside && inside.y >= outside.y && inside.y < outside.y + outside.height / 2, "the marker is in the upper half");
  // What lies below is not read yet.
  await page.waitForFunction(() => /^\((?!80)\d+\) /.test(document.title));
  assert.ok(gateway.mark("bob").myReadSeq > 40 && gateway.mark("bob").myReadSeq < 60, `read up to ${gateway.mark("bob").myReadSeq}`);
  await page.getByTestId("jump").click();
  await page.waitForFunction(() => document.title === "Portal");
}, { furnish: talk(120, 80) });

story("where_messages_were_pruned_no_beginning_is_claimed", async ({ gateway, page }) => {
  gateway.messages.get("bob")?.splice(0, 2);
  gateway.answer = (event) => (event === "message:history" ? { ok: true, data: { messages: gateway.messages.get("bob"), hasMore: false } } : undefined);
  await openList(page);
  await page.getByTestId("conversation-row").click();
  await page.getByTestId("messages").filter({ hasText: "Earlier messages are no longer kept." }).waitFor();
}, { furnish: talk(5, 0) });
