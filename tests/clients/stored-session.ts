/** What the API keeps of a login in Redis, and how it changes it. */
import type { Redis } from "../stack/redis.ts";
import type { Login } from "./login.ts";

export type Stored = { cookie: Record<string, unknown>; user: { id: string; tenantId: string | null; name: string; role: string } };

export class StoredSession {
  readonly key: string;

  constructor(
    private readonly redis: Redis,
    login: Login,
  ) {
    this.key = login.sessionKey;
  }

  async read(): Promise<Stored> {
    return JSON.parse(await this.redis.ask<string>("GET", this.key)) as Stored;
  }

  /** Its end by Redis' clock, in ms. */
  async endsAt(): Promise<number> {
    return this.redis.ask<number>("PEXPIRETIME", this.key);
  }

  /** Writes it as the API's store does, with the time that it had left. */
  async change(alter: (stored: Stored) => void): Promise<void> {
    const stored = await this.read();
    alter(stored);
    await this.redis.ask("SET", this.key, JSON.stringify(stored), "KEEPTTL");
  }

  async leave(ms: number): Promise<void> {
    await this.redis.ask("PEXPIRE", this.key, ms);
  }

  async delete(): Promise<void> {
    await this.redis.ask("DEL", this.key);
  }
}
