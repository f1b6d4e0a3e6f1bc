/** Writes a picture of every main state to gateway/panel/screenshots: `make screenshots`. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import { FLAGS } from "../browser/browser-story.ts";
import { requireExecutable } from "../stack/executables.ts";
import { repository } from "../stack/repository.ts";
import { FakeGateway } from "./fake-gateway.ts";
import { furnish } from "./office.ts";
import { untilStatus } from "./panel-story.ts";

type State = {
  name: string;
  page?: Parameters<typeof FakeGateway.start>[0];
  furnish?: (gateway: FakeGateway) => void;
  reach: (page: Page, gateway: FakeGateway, context: BrowserContext) => Promise<void>;
};

const openList = (page: Page) => page.getByTestId("chat-button").click();
const openBob = async (page: Page) => {
  await openList(page);
  await page.locator('[data-testid="conversation-row"][data-user-id="bob"]').click();
  await page.getByTestId("message").last().waitFor();
};

function staffOffice(gateway: FakeGateway): void {
  furnish(gateway);
  gateway.self = { id: "me", tenantId: null, name: "Mia Moreau", kind: "manage", lastSeenAt: null };
  gateway.mode = "watch";
  gateway.add("carol", "Carol Castellanos", { isOnline: true, tenantId: "globex" });
  gateway.add("noor", "Noor", { isOnline: true, tenantId: null });
}

const states: State[] = [
  { name: "closed", reach: async (page) => page.locator('[data-testid="chat-button"][data-unread="3"]').waitFor() },
  { name: "list", reach: async (page) => {
    await openList(page);
    await page.getByTestId("conversation-row").first().waitFor();
  } },
  { name: "online", reach: async (page) => {
    await openList(page);
    await page.getByTestId("tab-online").click();
  } },
  { name: "search", reach: async (page) => {
    await openList(page);
    await page.getByTestId("search").fill("li");
    await page.getByTestId("search-result").first().waitFor();
  } },
  { name: "conversation", reach: async (page, gateway) => {
    await openBob(page);
    gateway.namespace.emit("typing", { from: "bob", typing: true });
    await page.getByTestId("typing").filter({ hasText: "typing" }).waitFor();
  } },
  { name: "offline", reach: async (page, _gateway, context) => {
    await openBob(page);
    await context.setOffline(true);
    await untilStatus(page, "offline");
    await page.getByTestId("message-input").fill("This waits until the train leaves the tunnel");
    await page.keyboard.press("Enter");
    await page.locator('[data-state="queued"]').waitFor();
  } },
  { name: "ended", reach: async (page, gateway) => {
    await openBob(page);
    gateway.namespace.emit("session:expired", { reason: "revoked" });
    await untilStatus(page, "ended");
  } },
  { name: "failed", reach: async (page, gateway) => {
    await openBob(page);
    gateway.answer = (event) => (event === "message:send" ? { ok: false, error: { code: "recipient_not_found", message: "" } } : undefined);
    await page.getByTestId("message-input").fill("Are you still with us?");
    await page.keyboard.press("Enter");
    await page.getByTestId("message-retry").waitFor();
    await page.getByTestId("message-input").fill("x ".repeat(1_980));
  } },
  { name: "reconnecting", reach: async (page, gateway) => {
    await openBob(page);
    await page.getByTestId("back").click();
    gateway.refuseWith = "unavailable";
    gateway.namespace.disconnectSockets(true);
    await page.getByTestId("retry-now").waitFor();
  } },
  { name: "new", reach: async (page) => {
    await openList(page);
    await page.locator('[data-testid="conversation-row"][data-user-id="erin"]').click();
    await page.getByTestId("new-messages").waitFor();
  } },
  { name: "not-loaded", reach: async (page, gateway) => {
    gateway.answer = (event) => (event === "message:history" ? { ok: false, error: { code: "unavailable", message: "" } } : undefined);
    await openList(page);
    await page.locator('[data-testid="conversation-row"][data-user-id="erin"]').click();
    await page.getByTestId("reload").waitFor();
  } },
  { name: "arabic-list", page: { language: "ar", direction: "rtl" }, reach: async (page) => {
    await openList(page);
    await page.getByTestId("conversation-row").first().waitFor();
  } },
  { name: "arabic-conversation", page: { language: "ar", direction: "rtl" }, reach: async (page, gateway) => {
    await openBob(page);
    gateway.say("bob", "صباح الخير، هل وصلتك المسودة الجديدة للحملة؟");
    await page.getByTestId("message").filter({ hasText: "صباح" }).waitFor();
  } },
  { name: "manage", page: { portal: "manage" }, furnish: staffOffice, reach: async (page) => {
    await page.evaluate((names) => Object.assign(document.querySelector("realtime-chat") as HTMLElement, { tenantNames: names }), { acme: "Acme Outdoor", globex: "Globex Media and Publishing" });
    await openList(page);
    await page.getByTestId("tab-online").click();
    await page.getByTestId("tenant-filter").waitFor();
  } },
  { name: "empty", reach: async (page, gateway) => {
    gateway.messages.clear();
    await page.reload();
    await openList(page);
  } },
];

/** What the README shows: the panel alone. */
const shown = new Map([["list-desktop-light", "list.png"], ["conversation-desktop-dark", "conversation.png"]]);
const clip = { x: 456, y: 4, width: 440, height: 752 };

const sizes = { desktop: { width: 900, height: 760 }, phone: { width: 360, height: 740 } };
const folder = join(repository, "gateway/panel/screenshots");
mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: requireExecutable("chromium"), args: FLAGS });
try {
  for (const [size, viewport] of Object.entries(sizes)) {
    for (const colorScheme of ["light", "dark"] as const) {
      for (const { name, reach, page: portal, furnish: furnished = furnish } of states) {
        const gateway = await FakeGateway.start(portal);
        furnished(gateway);
        const context = await browser.newContext({ viewport, colorScheme, deviceScaleFactor: 1, reducedMotion: "reduce" });
        context.setDefaultTimeout(5_000);
        const page = await context.newPage();
        await page.goto(gateway.url);
        await reach(page, gateway, context);
        const picture = `${name}-${size}-${colorScheme}`;
        await page.screenshot({ path: join(folder, `${picture}.png`) });
        const file = shown.get(picture);
        if (file) await page.screenshot({ path: join(folder, file), clip });
        await context.close();
        await gateway.stop();
      }
    }
  }
} finally {
  await browser.close();
}
