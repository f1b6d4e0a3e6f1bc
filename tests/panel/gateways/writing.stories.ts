import assert from "node:assert/strict";
import { untilMine } from "../panel-story.ts";
import { colleagues, story } from "./office.ts";
import { Wire } from "./wire.ts";

story("typing_is_seen_in_the_conversation_and_in_the_list_and_ends_with_the_message", async (scene) => {
  const { alice, bob, carol } = await colleagues(scene, ["alice", "bob", "carol"]);
  await bob.page.openConversation(alice.account.id);
  await bob.page.say("a moment");
  await alice.page.openConversation(bob.account.id);
  await alice.page.untilHeard("a moment");
  await bob.page.page.getByTestId("message-input").pressSequentially("I am on my way", { delay: 120 });
  await alice.page.page.getByTestId("typing").filter({ hasText: "\u2068bob\u2069 is typing" }).waitFor();
  await alice.page.page.getByTestId("back").click();
  const row = alice.page.page.locator(`[data-testid="conversation-row"][data-user-id="${bob.account.id}"]`);
  await bob.page.page.getByTestId("message-input").pressSequentially(" to the printer, give me a moment", { delay: 120 });
  await row.filter({ hasText: "typing" }).waitFor();
  await bob.page.say("I am at the printer");
  await row.filter({ hasText: "I am at the printer" }).waitFor();
  // It concerns nobody else.
  assert.equal(await carol.page.page.evaluate(() => {
    const { client } = document.querySelector("realtime-chat") as unknown as { client: { getState(): { conversations: Map<string, { typingUntil: number }> } } };
    return [...client.getState().conversations.values()].some(({ typingUntil }) => typingUntil > 0);
  }), false);
});

story("drafts_and_messages_without_an_answer_survive_a_reload_and_are_never_doubled", async (scene) => {
  const { alice, bob } = await colleagues(scene, ["alice", "bob"]);
  const carol = await scene.member(alice.account.tenantId as string, "carol");
  const { page } = alice.page;
  const wire = await Wire.into(alice.page);
  await alice.page.openConversation(carol.id);
  await page.getByTestId("message-input").fill("half a sen");
  await alice.page.openConversation(bob.account.id);
  // The first is stored and nobody hears of it; the second waits behind it.
  wire.losesAnswer = (event) => event === "message:send";
  for (const body of ["the first", "the second"]) {
    await page.getByTestId("message-input").fill(body);
    await page.keyboard.press("Enter");
  }
  await bob.page.openConversation(alice.account.id);
  await bob.page.untilHeard("the first");
  await untilMine(page, "the first", "sending");
  await untilMine(page, "the second", "queued");

  wire.losesAnswer = () => false;
  await alice.page.reload();
  await alice.page.openConversation(bob.account.id);
  await untilMine(page, "the second", "read");
  await bob.page.untilHeard("the second");
  for (const tab of [alice.page, bob.page]) assert.deepEqual(await tab.messages(), ["the first", "the second"]);
  const ids = wire.requests("message:send").map(({ payload }) => payload.clientMessageId);
  assert.equal(ids.length, 3);
  assert.equal(ids[0], ids[1]);

  await page.getByTestId("back").click();
  await page.locator(`[data-testid="conversation-row"][data-user-id="${carol.id}"]`).filter({ hasText: "half a sen" }).click();
  assert.equal(await page.getByTestId("message-input").inputValue(), "half a sen");
});

story("who_logs_in_next_in_the_same_tab_finds_nothing_of_the_one_before", async (scene) => {
  const { alice } = await colleagues(scene, ["alice"]);
  const tenantId = alice.account.tenantId as string;
  const [bob, carol] = [await scene.member(tenantId, "bob"), await scene.member(tenantId, "carol")];
  const { page } = alice.page;
  await alice.page.openConversation(bob.id);
  await alice.person.context.setOffline(true);
  await page.getByTestId("message-input").fill("a secret in the outbox");
  await page.keyboard.press("Enter");
  await untilMine(page, "a secret in the outbox", "queued");
  await page.getByTestId("message-input").fill("a secret draft");
  const kept = () => page.evaluate(() => JSON.stringify({ ...sessionStorage }) + JSON.stringify({ ...localStorage }));
  assert.match(await kept(), /a secret draft/);

  // The page is gone before the network is back.
  await page.goto("about:blank");
  await alice.person.context.setOffline(false);
  await alice.person.context.clearCookies();
  await page.goto(scene.stack.url);
  await alice.page.logIn(carol);
  assert.doesNotMatch(await kept(), /secret/);
  await page.getByTestId("chat-button").click();
  await page.getByTestId("panel").filter({ hasText: "No conversations yet" }).waitFor();

  // And nothing is left for whoever comes after that.
  await page.context().clearCookies();
  await page.goto(scene.stack.url);
  await alice.page.logIn(alice.account);
  await alice.page.openConversation(bob.id);
  assert.equal(await page.getByTestId("message-input").inputValue(), "");
});
