import assert from "node:assert/strict";
import type { PortalPage } from "../../browser/person.ts";
import { waitUntil } from "../../stack/wait-until.ts";
import { untilMine } from "../panel-story.ts";
import { colleagues, KEEPS_NAMES, story } from "./office.ts";

async function untilUnread(page: PortalPage, unread: number): Promise<void> {
  await page.page.locator(`[data-testid="chat-button"][data-unread="${unread}"]`).waitFor();
}

async function untilTitle(page: PortalPage, title: string): Promise<void> {
  await page.page.waitForFunction((wanted) => document.title === wanted, title);
}

story("a_message_is_sent_then_delivered_then_read_and_every_tab_shows_it", async (scene) => {
  const { alice } = await colleagues(scene, ["alice"]);
  const bob = await scene.member(alice.account.tenantId as string, "bob");
  await alice.page.openConversation(bob.id);
  await alice.page.say("are you in today?");
  await untilMine(alice.page.page, "are you in today?", "sent");
  const second = await alice.person.open("/dm");
  await second.openConversation(bob.id);
  await untilMine(second.page, "are you in today?", "sent");

  // Bob's browser has it, and Bob has not looked.
  const { page: dashboard, person } = await scene.logIn(bob);
  const dm = await person.open("/dm");
  for (const page of [alice.page, second]) await untilMine(page.page, "are you in today?", "delivered");
  for (const page of [dashboard, dm]) await untilUnread(page, 1);
  await untilTitle(dashboard, "(1) Dashboard – Beacon");
  await untilTitle(dm, "(1) DM Portal – Beacon");

  await dashboard.openConversation(alice.account.id);
  for (const page of [alice.page, second]) await untilMine(page.page, "are you in today?", "read");
  for (const page of [dashboard, dm]) await untilUnread(page, 0);
  await untilTitle(dm, "DM Portal – Beacon");
});

const WATCHES_NOTIFICATIONS = `
${KEEPS_NAMES}
globalThis.asked = 0;
globalThis.notices = [];
globalThis.Notification = class extends Notification {
  constructor(title, options) {
    super(title, options);
    notices.push({ title, body: options.body, click: () => this.onclick(new Event("click")) });
  }
  static async requestPermission() {
    asked += 1;
    await permitNotifications();
    return Notification.permission;
  }
};`;

type Noticing = { asked: number; notices: { title: string; body: string; click(): void }[] };

/** Makes the page look as if another tab were before it. */
async function setHidden({ page }: PortalPage, isHidden: boolean): Promise<void> {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
  }, isHidden);
}

story("notifications_are_asked_for_by_a_click_and_told_while_nobody_looks", async (scene) => {
  const { alice, bob } = await colleagues(scene, ["alice", "bob"], { initScript: WATCHES_NOTIFICATIONS });
  const { page } = bob.page;
  const session = await bob.person.context.newCDPSession(page);
  const { targetInfo: { browserContextId } } = await session.send("Target.getTargetInfo");
  await page.exposeFunction("permitNotifications", () => session.send("Browser.setPermission", {
    permission: { name: "notifications" }, setting: "granted", origin: scene.stack.url, browserContextId,
  }));
  const noticing = () => page.evaluate(() => {
    const { asked, notices } = globalThis as unknown as Noticing;
    return { asked, notices: notices.map(({ title, body }) => [title, body]) };
  });

  await alice.page.openConversation(bob.account.id);
  await setHidden(bob.page, true);
  await alice.page.say("before anybody was asked");
  await untilUnread(bob.page, 1);
  assert.deepEqual(await noticing(), { asked: 0, notices: [] });

  await page.getByTestId("chat-button").click();
  await page.getByTestId("allow-notifications").click();
  await page.getByTestId("allow-notifications").waitFor({ state: "detached" });
  await page.getByTestId("close").click();
  await alice.page.say("are you there?");
  await untilUnread(bob.page, 2);
  await waitUntil("a notice", async () => (await noticing()).notices.length > 0);
  assert.deepEqual(await noticing(), { asked: 1, notices: [["alice", "are you there?"]] });

  // A click leads to the conversation; what stands on a hidden page is not read.
  await page.evaluate(() => (globalThis as unknown as Noticing).notices[0]?.click());
  await bob.page.untilHeard("are you there?");
  await untilMine(alice.page.page, "are you there?", "delivered");
  await setHidden(bob.page, false);
  await untilMine(alice.page.page, "are you there?", "read");
  await alice.page.say("good");
  await bob.page.untilHeard("good");
  assert.equal((await noticing()).notices.length, 1);
});
