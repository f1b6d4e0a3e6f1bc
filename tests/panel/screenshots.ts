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

type State = { name: string; reach: (page: Page, gateway: FakeGateway, context: BrowserContext) => Promise<void> };

const openList = (page: Page) => page.getByTestId("chat-button").click();
const openBob = async (page: Page) => {
  await openList(page);
  await page.locator('[data-testid="conversation-row"][data-user-id="bob"]').click();
  await page.getByTestId("message").last().waitFor();
};

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
      for (const { name, reach } of states) {
        const gateway = await FakeGateway.start();
        furnish(gateway);
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
