/** Tenants, users, logins and tabs of one story; everything is closed when the story ends. */
import type pg from "pg";
import { createMember, createStaff, createTenant, type Account } from "../stack/accounts.ts";
import type { Stack } from "../stack/stack.ts";
import { Login } from "./login.ts";
import { RawLink } from "./raw-link.ts";
import { Tab, type Portal, type TabOptions } from "./tab.ts";
import { clientOptions, type Transport } from "./transport.ts";

export class Scene {
  readonly #tabs: Tab[] = [];

  constructor(
    readonly stack: Stack,
    readonly transport: Transport,
  ) {}

  async tenant(): Promise<string> {
    return createTenant(this.stack.database);
  }

  async member(tenantId: string, name?: string): Promise<Account> {
    return createMember(this.stack.database, tenantId, name);
  }

  async staff(name?: string): Promise<Account> {
    return createStaff(this.stack.database, name);
  }

  async logIn(account: Account): Promise<Login> {
    return Login.as(account, this.stack.url);
  }

  async open(login: Login, portal: Portal, options?: TabOptions): Promise<Tab> {
    const tab = await Tab.open(login, portal, this.#over(options));
    this.#tabs.push(tab);
    return tab;
  }

  /** The error with which a connection is refused. */
  async refused(login: Login, portal: Portal, options?: TabOptions): Promise<Error & { data?: { code?: string } }> {
    return Tab.refused(login, portal, this.#over(options));
  }

  async rawLink(login: Login): Promise<RawLink> {
    return RawLink.open(login, this.transport, this.stack.url);
  }

  /** A new user of a tenant, logged in, with a portal open. */
  async memberAt(tenantId: string, portal: "dashboard" | "dm", name?: string, options?: TabOptions): Promise<Tab> {
    return this.open(await this.logIn(await this.member(tenantId, name)), portal, options);
  }

  /** A new user of the platform's staff, logged in, with the manage portal open. */
  async staffAt(name?: string, options?: TabOptions): Promise<Tab> {
    return this.open(await this.logIn(await this.staff(name)), "manage", options);
  }

  async rows<T extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<T[]> {
    return (await this.stack.database.query<T>(sql, values)).rows;
  }

  /** A user who comes and is seen: what was to reach the witness before has reached it by then. */
  async fence(witness: Tab): Promise<void> {
    const tenantId = witness.login.account.tenantId;
    if (tenantId === null) throw new Error("a fence for staff has to be built by hand");
    const passer = await this.memberAt(tenantId, "dashboard", "Passer-by");
    await witness.untilOnline(passer.userId);
    passer.close();
    await witness.untilOffline(passer.userId);
  }

  close(): void {
    for (const tab of this.#tabs) tab.close();
  }

  #over(options: TabOptions = {}): TabOptions {
    return { url: options.url ?? this.stack.url, ...clientOptions(this.transport), ...options };
  }
}
