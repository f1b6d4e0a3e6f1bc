/** Somebody at the portal pages, in a browser window with cookies of its own. */
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import type { Account } from "../stack/accounts.ts";

export type PortalPath = "/manage" | "/dashboard" | "/dm";

export type Visit = {
  /** Where the pages are; the public address when not given. */
  origin?: string;
  /** Runs in every page before anything of its own. */
  initScript?: string;
};

export class Person {
  private constructor(
    readonly account: Account,
    readonly context: BrowserContext,
    private readonly origin: string,
  ) {}

  /** Logs in by the form and ends on the page that the login leads to. */
  static async logIn(browser: Browser, origin: string, account: Account, initScript?: string): Promise<{ person: Person; page: PortalPage }> {
    const context = await browser.newContext({ viewport: { width: 1100, height: 760 } });
    if (initScript !== undefined) await context.addInitScript(initScript);
    context.setDefaultTimeout(15_000);
    const page = await context.newPage();
    await page.goto(origin);
    const person = new Person(account, context, origin);
    const portalPage = new PortalPage(page);
    await portalPage.logIn(account);
    return { person, page: portalPage };
  }

  async open(portal: PortalPath): Promise<PortalPage> {
    const page = await this.context.newPage();
    await page.goto(this.origin + portal);
    const portalPage = new PortalPage(page);
    await portalPage.untilConnected();
    return portalPage;
  }
}

/** One tab with a portal in it, spoken of as its user would. */
export class PortalPage {
  constructor(readonly page: Page) {}

  async logIn({ email, password }: Account): Promise<void> {
    await this.page.getByTestId("login-email").fill(email);
    await this.page.getByTestId("login-password").fill(password);
    await this.page.getByTestId("login-submit").click();
    await this.untilConnected();
  }

  async untilConnected(): Promise<void> {
    await this.page.locator('[data-testid="chat-button"][data-status="online"]').waitFor();
  }

  async untilOnline(userId: string): Promise<void> {
    await this.#showOnline();
    await this.#onlineUser(userId).waitFor();
  }

  async untilOffline(userId: string): Promise<void> {
    await this.#showOnline();
    await this.#onlineUser(userId).waitFor({ state: "detached" });
  }

  async isOnline(userId: string): Promise<boolean> {
    await this.#showOnline();
    return this.#onlineUser(userId).isVisible();
  }

  /** As a portal does it that has a button "write to" of its own. */
  async openConversation(userId: string): Promise<void> {
    await this.page.locator("realtime-chat").evaluate((element, id) => (
      (element as HTMLElement & { client: { openConversation(peerId: string): void } }).client.openConversation(id)
    ), userId);
    await this.page.locator(`[data-testid="conversation"][data-user-id="${userId}"]`).waitFor();
  }

  /** Writes and sends; comes back when the gateway has acked. */
  async say(text: string): Promise<void> {
    await this.page.getByTestId("message-input").fill(text);
    await this.page.getByTestId("message-send").click();
    await this.#message(text).and(this.page.locator('[data-mine="true"]:is([data-state="sent"], [data-state="delivered"], [data-state="read"])')).waitFor();
  }

  async untilHeard(text: string): Promise<void> {
    await this.#message(text).and(this.page.locator('[data-mine="false"]')).waitFor();
  }

  /** The open conversation, from top to bottom. */
  async messages(): Promise<string[]> {
    return this.page.getByTestId("message").locator(".body").allTextContents();
  }

  /** Requests of the page that were answered by polling. */
  async polls(): Promise<number> {
    return this.page.evaluate(() => performance.getEntriesByType("resource").filter(({ name }) => name.includes("transport=polling")).length);
  }

  async untilToast(text: string): Promise<void> {
    await this.page.getByTestId("toast").filter({ hasText: text }).waitFor();
  }

  async untilToldToLogIn(): Promise<void> {
    await this.page.locator("#banner").filter({ hasText: "logged out" }).waitFor();
  }

  /** So that the page below can be reached. */
  async closePanel(): Promise<void> {
    const button = this.page.getByTestId("chat-button");
    if ((await button.getAttribute("aria-expanded")) === "true") await button.click();
  }

  async logOut(): Promise<void> {
    await this.closePanel();
    await this.page.getByTestId("logout").click();
    await this.page.getByTestId("login-email").waitFor();
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.untilConnected();
  }

  async close(): Promise<void> {
    await this.page.close();
  }

  async #showOnline(): Promise<void> {
    const button = this.page.getByTestId("chat-button");
    if ((await button.getAttribute("aria-expanded")) === "false") await button.click();
    if (await this.page.getByTestId("back").isVisible()) await this.page.getByTestId("back").click();
    await this.page.getByTestId("tab-online").click();
  }

  #onlineUser(userId: string): Locator {
    return this.page.locator(`[data-testid="online-user"][data-user-id="${userId}"]`);
  }

  #message(text: string): Locator {
    return this.page.getByTestId("message").filter({ hasText: text });
  }
}
