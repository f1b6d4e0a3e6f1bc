/** A user who has logged in through the API: one session, one cookie. */
import assert from "node:assert/strict";
import type { Account } from "../stack/accounts.ts";

export class Login {
  private constructor(
    readonly origin: string,
    readonly account: Account,
    readonly cookie: string,
  ) {}

  static async as(account: Account, origin: string): Promise<Login> {
    const response = await fetch(`${origin}/api/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: account.email, password: account.password }),
    });
    assert.equal(response.status, 200, `login of ${account.email}: ${await response.text()}`);
    const cookie = response.headers.getSetCookie()[0]?.split(";")[0];
    assert.ok(cookie, "the login sets a cookie");
    return new Login(origin, account, cookie);
  }

  get userId(): string {
    return this.account.id;
  }

  /** Where the API keeps the session in Redis. */
  get sessionKey(): string {
    const value = decodeURIComponent(this.cookie.slice(this.cookie.indexOf("=") + 1));
    return `sess:${value.slice(0, value.lastIndexOf("."))}`;
  }

  async get<T>(path: string): Promise<T> {
    const response = await fetch(this.origin + path, { headers: { cookie: this.cookie } });
    assert.equal(response.status, 200, `GET ${path}`);
    return (await response.json()) as T;
  }

  async post(path: string, body: unknown): Promise<number> {
    const headers = { "content-type": "application/json", cookie: this.cookie };
    const response = await fetch(this.origin + path, { method: "POST", headers, body: JSON.stringify(body) });
    await response.arrayBuffer();
    return response.status;
  }

  /** Deletes the session; the cookie stays as valid in form as it was. */
  async logOut(): Promise<void> {
    assert.equal(await this.post("/api/logout", {}), 200);
  }
}
