/** One Chromium for a file of stories; each has a fake gateway and a page of its own. */
import { after, before, test } from "node:test";
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from "playwright-core";
import { FLAGS } from "../browser/browser-story.ts";
import { requireExecutable } from "../stack/executables.ts";
import { FakeGateway } from "./fake-gateway.ts";
import { furnish } from "./office.ts";

export type Scene = {
  gateway: FakeGateway;
  page: Page;
  context: BrowserContext;
  /** Prints a figure beside the story's name. */
  note: (text: string) => void;
};
type Options = {
  context?: BrowserContextOptions;
  page?: Parameters<typeof FakeGateway.start>[0];
  /** What is there before the page is opened; an office when not given. */
  furnish?: (gateway: FakeGateway) => void;
};

const STORY_WITHIN_MS = 60_000;

export function panelStories() {
  let browser: Browser | undefined;
  before(async () => {
    browser = await chromium.launch({ executablePath: requireExecutable("chromium"), args: FLAGS });
  });
  after(async () => browser?.close());
  return (name: string, tell: (scene: Scene) => Promise<void>, options: Options = {}) => {
    test(name, { timeout: STORY_WITHIN_MS }, async (run) => {
      if (!browser) throw new Error("the browser did not start");
      const gateway = await FakeGateway.start(options.page);
      (options.furnish ?? furnish)(gateway);
      const context = await browser.newContext({ viewport: { width: 1000, height: 760 }, ...options.context });
      context.setDefaultTimeout(10_000);
      // tsx keeps the names of functions by this one, in what is evaluated in the page too.
      await context.addInitScript("globalThis.__name = (named) => named;");
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("console", (message) => {
        // A broken policy would only be told here.
        if (/Content Security Policy|Refused to/.test(message.text())) complaints.push(message.text());
      });
      try {
        await page.goto(gateway.url);
        await tell({ gateway, page, context, note: (text) => run.diagnostic(text) });
        if (complaints.length > 0) throw new Error(complaints.join("\n"));
      } finally {
        await context.close();
        await gateway.stop();
      }
    });
  };
}

export async function openList(page: Page): Promise<void> {
  await page.getByTestId("chat-button").click();
  await page.getByTestId("conversation-row").first().waitFor();
}

export async function openConversation(page: Page, peerId: string): Promise<void> {
  await openList(page);
  await page.locator(`[data-testid="conversation-row"][data-user-id="${peerId}"]`).click();
  await page.getByTestId("message").last().waitFor();
}

export async function untilStatus(page: Page, kind: string): Promise<void> {
  // On a phone the open panel hides the button.
  await page.locator(`[data-testid="chat-button"][data-status="${kind}"]`).waitFor({ state: "attached" });
}

/** The last message of one's own, when it is in that state. */
export async function untilMine(page: Page, body: string, state: string): Promise<void> {
  await page.locator(`[data-testid="message"][data-mine="true"][data-state="${state}"]`).filter({ hasText: body }).waitFor();
}
