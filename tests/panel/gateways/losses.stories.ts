import assert from "node:assert/strict";
import { untilMine } from "../panel-story.ts";
import { colleagues, story } from "./office.ts";
import { Wire } from "./wire.ts";

story("a_message_that_is_lost_on_the_way_is_asked_for_by_its_number", async (scene) => {
  const { alice, bob } = await colleagues(scene, ["alice", "bob"]);
  const wire = await Wire.into(alice.page);
  await bob.page.openConversation(alice.account.id);
  await bob.page.say("first");
  await alice.page.openConversation(bob.account.id);
  await alice.page.untilHeard("first");
  const before = wire.requests("message:history").length;
  wire.losesPush = (event, { body }) => event === "message:new" && body.startsWith("lost");
  for (const body of ["lost one", "lost two", "came through"]) await bob.page.say(body);
  await alice.page.untilHeard("lost two");
  assert.deepEqual(await alice.page.messages(), ["first", "lost one", "lost two", "came through"]);
  const asked = wire.requests("message:history").slice(before).map(({ payload }) => payload);
  assert.deepEqual(asked.map(({ with: peer, afterSeq, beforeSeq }) => [peer, afterSeq, beforeSeq]), [[bob.account.id, 1, 4]]);
});

story("sync_required_brings_exactly_what_is_missing", async (scene) => {
  const { alice, bob, carol } = await colleagues(scene, ["alice", "bob", "carol"]);
  const wire = await Wire.into(alice.page);
  for (const { page } of [bob, carol]) {
    await page.openConversation(alice.account.id);
    await page.say("heard");
  }
  await alice.page.openConversation(bob.account.id);
  await alice.page.untilHeard("heard");
  wire.losesPush = (event) => event === "message:new";
  for (const body of ["lost one", "lost two"]) await bob.page.say(body);
  await carol.page.say("lost three");
  const before = wire.requests("sync").length;
  wire.push("sync:required", {});
  await alice.page.untilHeard("lost two");
  await alice.page.page.locator('[data-testid="chat-button"][data-unread="2"]').waitFor();
  const synced = wire.requests("sync").slice(before).flatMap(({ answer }) => answer.data.messages.map(({ body }: { body: string }) => body));
  assert.deepEqual(synced.sort(), ["lost one", "lost three", "lost two"]);
  assert.deepEqual(await alice.page.messages(), ["heard", "lost one", "lost two"]);
});

story("a_message_that_was_refused_is_sent_by_a_click_once_it_can_be", async (scene) => {
  const { alice } = await colleagues(scene, ["alice"]);
  const dora = await scene.member(await scene.tenant("Globex"), "dora");
  const { page } = alice.page;
  await alice.page.openConversation(dora.id);
  await page.getByTestId("message-input").fill("welcome to us");
  await page.keyboard.press("Enter");
  await untilMine(page, "welcome to us", "failed");
  for (const what of ["Could not load.", "Not sent."]) await page.getByRole("alert").filter({ hasText: `${what} This person cannot be reached.` }).waitFor();

  await scene.stack.database.query(`UPDATE "User" SET "tenantId" = $1 WHERE id = $2`, [alice.account.tenantId, dora.id]);
  const { page: atDora } = await scene.logIn(dora);
  await page.getByTestId("message-retry").click();
  await untilMine(page, "welcome to us", "delivered");
  await page.getByTestId("messages").filter({ hasText: "beginning of your conversation" }).waitFor();
  await atDora.openConversation(alice.account.id);
  await atDora.untilHeard("welcome to us");
  assert.deepEqual(await alice.page.messages(), ["welcome to us"]);
});
