import assert from "node:assert/strict";
import { storiesOn } from "./story.ts";

const story = storiesOn();

type Notification = { text: string; at: string };

story("a_notification_of_the_api_reaches_every_tab_of_that_user_and_nobody_else", async (scene) => {
  const acme = await scene.tenant();
  const urls = scene.stack.gateways.map(({ url }) => url);
  const mia = await scene.staffAt("Mia");
  const alice = await scene.memberAt(acme, "dashboard", "Alice", { url: urls[0] });
  const tabs = [alice, await scene.open(alice.login, "dm", { url: urls[1] })];
  const others = [await scene.memberAt(acme, "dashboard", "Bob"), await scene.memberAt(await scene.tenant(), "dm", "Carol"), mia];

  assert.equal(await mia.login.post("/api/notify", { userId: alice.userId, text: "Your mailing is printed" }), 202);
  for (const tab of tabs) assert.equal((await tab.next<Notification>("notification")).text, "Your mailing is printed");
  // Each of the others gets one of their own, which would come after a stray one.
  for (const other of others) {
    assert.equal(await mia.login.post("/api/notify", { userId: other.userId, text: "fence" }), 202);
    await other.next<Notification>("notification", ({ text }) => text === "fence");
    assert.deepEqual(other.payloads<Notification>("notification").map(({ text }) => text), ["fence"]);
  }
  for (const tab of tabs) assert.equal(tab.payloads("notification").length, 1);
});
