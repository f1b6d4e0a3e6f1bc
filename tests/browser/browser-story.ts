/** One stack and one Chromium for a file of stories. A story that fails leaves a screenshot of every page behind. */
import { after, before, test } from "node:test";
import { join } from "node:path";
import { chromium, type Browser } from "playwright-core";
import { createMember, createStaff, createTenant, type Account } from "../stack/accounts.ts";
import { requireExecutable } from "../stack/executables.ts";
import { lastLines } from "../stack/log-tail.ts";
import { Stack, type StackOptions } from "../stack/stack.ts";
import { Person, type PortalPage, type Visit } from "./person.ts";

/** Nothing of the browser's own goes over the network. */
export const FLAGS = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-dev-shm-usage",
  "--disable-gpu",
  "--disable-quic",
  "--disable-sync",
  "--no-first-run",
];

const STORY_WITHIN_MS = 90_000;

export class BrowserScene {
  constructor(
    readonly stack: Stack,
    private readonly browser: Browser,
    /** Prints a figure beside the story's name. */
    readonly note: (text: string) => void,
  ) {}

  async tenant(name: string): Promise<string> {
    return createTenant(this.stack.database, name);
  }

  async member(tenantId: string, name: string): Promise<Account> {
    return createMember(this.stack.database, tenantId, name);
  }

  async staff(name: string): Promise<Account> {
    return createStaff(this.stack.database, name);
  }

  async logIn(account: Account, { origin = this.stack.url, initScript }: Visit = {}): Promise<{ person: Person; page: PortalPage }> {
    return Person.logIn(this.browser, origin, account, initScript);
  }

  /** One PNG a page, in the state folder. */
  async takePictures(name: string): Promise<string[]> {
    const files: string[] = [];
    for (const page of this.browser.contexts().flatMap((context) => context.pages())) {
      const file = join(this.stack.stateFolder, `${name}-${files.length + 1}.png`);
      await page.screenshot({ path: file });
      files.push(file);
    }
    return files;
  }

  async close(): Promise<void> {
    for (const context of this.browser.contexts()) await context.close();
  }
}

export type BrowserStory = (name: string, tell: (scene: BrowserScene) => Promise<void>) => void;

export function browserStories(env: Record<string, string>, options: Omit<StackOptions, "env"> = {}): BrowserStory {
  let stack: Stack | undefined;
  let browser: Browser | undefined;
  before(async () => {
    stack = await Stack.start({ ...options, env });
    browser = await chromium.launch({ executablePath: requireExecutable("chromium"), args: FLAGS });
  });
  after(async () => {
    await browser?.close();
    await stack?.stop();
  });
  return (name, tell) => {
    test(name, { timeout: STORY_WITHIN_MS }, async (context) => {
      if (!stack || !browser) throw new Error("the stack did not start");
      const scene = new BrowserScene(stack, browser, (text) => context.diagnostic(text));
      try {
        await tell(scene);
        if (process.env.KEEP_PICTURES) {
          stack.keepState();
          context.diagnostic((await scene.takePictures(name)).join(" "));
        }
      } catch (error) {
        stack.keepState();
        context.diagnostic(`pictures: ${(await scene.takePictures(name)).join(" ")}`);
        for (const { name, logFile } of stack.gateways) context.diagnostic(`${name}:${lastLines(logFile, 30)}`);
        throw error;
      } finally {
        await scene.close();
      }
    });
  };
}
