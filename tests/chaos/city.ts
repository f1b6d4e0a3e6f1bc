/** Where a run takes place: the stack, proxies between its gateways and stores, and the people, all at home. */
import { readdirSync, readFileSync } from "node:fs";
import { askRedis } from "../stack/redis.ts";
import { Stack, type Store } from "../stack/stack.ts";
import { FaultProxy } from "./fault-proxy.ts";
import type { GatewayUsage, LeftKey, Ledger, Usage } from "./ledger.ts";
import { GATEWAYS, LEASE_MS } from "./plan.ts";
import { settle } from "./population.ts";
import type { Random } from "./random.ts";
import { User } from "./user.ts";

export const GRACE_MS = 1_000;
/** When a device that vanished is found to be gone, at the latest. */
export const PING_MS = 3_000 + 3_000;

const SETTINGS = {
  REALTIME_PRESENCE_GRACE_MS: `${GRACE_MS}`,
  REALTIME_PRESENCE_LEASE_MS: `${LEASE_MS}`,
  REALTIME_PRESENCE_HEARTBEAT_MS: "1000",
  REALTIME_SESSION_RECHECK_SECS: "1",
  REALTIME_PING_INTERVAL_MS: "3000",
  REALTIME_PING_TIMEOUT_MS: "3000",
};

const MOVE_IN_AT_ONCE = 8;

export class City {
  readonly users: User[] = [];
  /** What each gateway used before anybody came. */
  readonly #empty: Usage[] = [];

  private constructor(
    readonly stack: Stack,
    readonly ledger: Ledger,
    private readonly proxies: Map<string, FaultProxy>,
  ) {}

  static async build(ledger: Ledger): Promise<City> {
    const proxies = new Map<string, FaultProxy>();
    const route = async (store: Store, url: string, gateway: string) => {
      const { hostname, port } = new URL(url);
      const proxy = await FaultProxy.to(hostname, Number(port));
      proxies.set(`${gateway} ${store}`, proxy);
      return url.replace(`:${port}`, `:${proxy.port}`);
    };
    const stack = await Stack.start({ gateways: GATEWAYS, env: SETTINGS, directory: "api", route });
    const city = new City(stack, ledger, proxies);
    stack.gateways.forEach((_, index) => city.#empty.push(city.#usageOf(index)));
    return city;
  }

  async moveIn(count: number, random: Random): Promise<void> {
    const people = await settle(this.stack.database, count);
    this.ledger.people = people.map(({ id, tenantId }) => ({ id, tenantId }));
    const movers = people.map((account) => ({ account, random: random.fork() }));
    const origin = this.stack.url;
    while (movers.length > 0) {
      const next = movers.splice(0, MOVE_IN_AT_ONCE);
      this.users.push(...(await Promise.all(next.map((mover) => User.settle(mover.account, { origin, people, ledger: this.ledger, random: mover.random })))));
    }
  }

  link(store: Store, gateway: number): FaultProxy {
    const proxy = this.proxies.get(`${this.stack.gateway(gateway).name} ${store}`);
    if (!proxy) throw new Error(`there is no link of gateway ${gateway} to ${store}`);
    return proxy;
  }

  /** Of the gateways that run. */
  usage(): GatewayUsage[] {
    return this.stack.gateways.flatMap((gateway, index) =>
      gateway.isRunning ? [{ gateway: gateway.name, empty: this.#empty[index]!, left: this.#usageOf(index) }] : [],
    );
  }

  /** Resident memory (MB) by process, so that a gateway that was started again is another one. */
  memory(): Map<string, number> {
    const running = this.stack.gateways.filter(({ isRunning }) => isRunning);
    return new Map(running.flatMap(({ name, pid }) => residentMegabytes(pid).map((megabytes) => [`${name} (${pid})`, megabytes] as const)));
  }

  async keys(): Promise<LeftKey[]> {
    const url = this.stack.redis.url;
    const keys = await askRedis(url, "--scan", "--pattern", "rt:*");
    const left = await Promise.all(
      keys.map(async (key) => {
        const [[ttl], [type]] = await Promise.all([askRedis(url, "PTTL", key), askRedis(url, "TYPE", key)]);
        return { key, ttlMs: Number(ttl), type: type ?? "none" };
      }),
    );
    // Between the listing and the question it may have ended.
    return left.filter(({ ttlMs }) => ttlMs !== -2);
  }

  async channels(): Promise<string[]> {
    return askRedis(this.stack.redis.url, "PUBSUB", "CHANNELS");
  }

  async stop(): Promise<void> {
    for (const user of this.users) user.close();
    await this.stack.stop();
    for (const proxy of this.proxies.values()) proxy.close();
  }

  #usageOf(index: number): Usage {
    const files = readdirSync(`/proc/${this.stack.gateway(index).pid}/fd`).length;
    return { redisLinks: this.link("redis", index).connections, postgresLinks: this.link("postgres", index).connections, files };
  }
}

/** None of a process that has just ended. */
function residentMegabytes(pid: number): number[] {
  try {
    const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return line ? [Number(line[1]) / 1024] : [];
  } catch {
    return [];
  }
}
