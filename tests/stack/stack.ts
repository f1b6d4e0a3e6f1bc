/** The whole system on private servers: Redis, Postgres, the stand-in of the existing API, gateways, nginx in front. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { prepareExistingApi, startExistingApi } from "./existing-api.ts";
import { StackError } from "./failure.ts";
import { Gateway, migrateGateway, type GatewayEnvironment } from "./gateway.ts";
import { notedRequests, startNginx, type NotedRequest } from "./nginx.ts";
import { freePort } from "./ports.ts";
import { startPostgres } from "./postgres.ts";
import type { Program } from "./program.ts";
import { Redis, type RedisSettings } from "./redis.ts";

export const SESSION_SECRET = "a secret that everybody may know: development and tests only";

export type StackOptions = {
  gateways?: number;
  /** Settings of the gateways beyond the addresses. */
  env?: GatewayEnvironment;
  /** Settings of Redis. */
  redis?: RedisSettings;
  /** Where the public may knock; a free port on loopback when not given. */
  host?: string;
  port?: number;
  /** Kept afterwards. Without it, a temporary folder that goes when the stack stops. */
  stateFolder?: string;
  /** Whom the gateway finds: only users it has seen (its default), or all whom the API knows. */
  directory?: "seen" | "api";
  /** nginx notes every request; see `Stack.requests`. */
  notesRequests?: boolean;
  /** Where a gateway is told that a store is; by default where it really is. For proxies in between. */
  route?: (store: Store, url: string, gateway: string) => Promise<string>;
  onProgress?: (what: string) => void;
};

export type Store = "redis" | "postgres";

type Stoppable = { stop(): Promise<void> };
type Server = { program: Program; url: string };

export class Stack {
  #url = "";
  #redis: Redis | undefined;
  #postgres: Server | undefined;
  #database: pg.Pool | undefined;
  #api: Server | undefined;
  readonly gateways: Gateway[] = [];
  readonly #started: Stoppable[] = [];
  readonly #programs: Program[] = [];
  #keepsState: boolean;

  private constructor(
    readonly stateFolder: string,
    readonly logFolder: string,
    keepsState: boolean,
  ) {
    this.#keepsState = keepsState;
  }

  static async start(options: StackOptions = {}): Promise<Stack> {
    const stateFolder = options.stateFolder ?? mkdtempSync(join(tmpdir(), "realtime-stack-"));
    mkdirSync(stateFolder, { recursive: true });
    // The user that Postgres runs as has to pass.
    chmodSync(stateFolder, 0o755);
    const logFolder = join(stateFolder, "logs");
    rmSync(logFolder, { recursive: true, force: true });
    const stack = new Stack(stateFolder, logFolder, options.stateFolder !== undefined);
    try {
      await stack.#start(options);
    } catch (error) {
      // The failure names a log, so that has to stay.
      stack.keepState();
      await stack.stop();
      throw error;
    }
    return stack;
  }

  /** The public address: portals, API and gateways behind nginx. */
  get url(): string {
    return this.#url;
  }

  get redis(): Redis {
    return started(this.#redis, "Redis");
  }

  get postgres(): Program {
    return started(this.#postgres, "Postgres").program;
  }

  get databaseUrl(): string {
    return started(this.#postgres, "Postgres").url;
  }

  get database(): pg.Pool {
    return started(this.#database, "the database");
  }

  get api(): Server {
    return started(this.#api, "the existing API");
  }

  gateway(index: number): Gateway {
    const gateway = this.gateways[index];
    if (!gateway) throw new StackError(`there is no gateway ${index}`);
    return gateway;
  }

  /** After it has been stopped. */
  async startPostgresAgain(): Promise<void> {
    const server = started(this.#postgres, "Postgres");
    server.program = await server.program.again();
  }

  async stopApi(): Promise<void> {
    await this.api.program.stop();
  }

  /** After it has been stopped. */
  async startApiAgain(): Promise<void> {
    this.api.program = await this.api.program.again();
  }

  /** What nginx was asked until now, and has answered. */
  requests(): NotedRequest[] {
    return notedRequests(this.logFolder);
  }

  /** For somebody who wants to read the logs after a failure. */
  keepState(): void {
    this.#keepsState = true;
  }

  /** Calls back if a program ends without having been told to. */
  onUnexpectedEnd(tell: (failure: StackError) => void): void {
    for (const part of [this.redis, ...this.#programs, ...this.gateways]) part.onUnexpectedEnd(tell);
  }

  /** Last started, first stopped. */
  async stop(): Promise<void> {
    for (const part of this.#started.splice(0).reverse()) await part.stop();
    if (!this.#keepsState) rmSync(this.stateFolder, { recursive: true, force: true });
  }

  async #start(options: StackOptions): Promise<void> {
    const { stateFolder, logFolder } = this;
    const progress = options.onProgress ?? (() => {});

    progress("starting Redis and Postgres");
    const [redis, postgres] = await allOf([
      Redis.start(stateFolder, logFolder, options.redis).then((server) => {
        this.#started.push(server);
        return server;
      }),
      startPostgres(stateFolder, logFolder, { isDurable: options.stateFolder !== undefined }).then((server) => this.#track(server)),
    ]);
    this.#redis = redis;
    this.#postgres = postgres;
    this.#database = openPool(postgres.url);
    this.#started.push({ stop: () => this.database.end() });

    progress("bringing the tables up to date");
    const apiSettings = { databaseUrl: postgres.url, redisUrl: redis.url, sessionSecret: SESSION_SECRET };
    const env = this.#gatewayEnvironment(options.env ?? {});
    const route = options.route ?? (async (_store: Store, url: string) => url);
    const count = options.gateways ?? 2;
    await allOf([prepareExistingApi(apiSettings, logFolder), count > 0 ? migrateGateway(logFolder, env) : undefined]);
    if (count > 0 && options.directory === "api") {
      await this.database.query(readFileSync(new URL("directory.sql", import.meta.url), "utf8"));
    }

    progress(`starting the API and ${count} gateway${count === 1 ? "" : "s"}`);
    const names = Array.from({ length: count }, (_, index) => `gateway-${index + 1}`);
    const [api, ...gateways] = await allOf([
      startExistingApi(apiSettings, logFolder).then((server) => this.#track(server)),
      ...names.map(async (name) => {
        const stores = { REDIS_URL: await route("redis", redis.url, name), DATABASE_URL: await route("postgres", postgres.url, name) };
        return this.#startGateway(name, { ...env, ...stores });
      }),
    ]);
    this.#api = api;
    this.gateways.push(...gateways);

    progress("starting nginx");
    const port = options.port ?? (await freePort());
    const upstreams = { gateways: gateways.map(({ url }) => url), existingApi: api.url };
    const place = { host: options.host ?? "127.0.0.1", port, notesRequests: options.notesRequests ?? false };
    const nginx = await startNginx(upstreams, place, stateFolder, logFolder);
    this.#track(nginx);
    this.#url = nginx.url;
  }

  #track<T extends { program: Program }>(server: T): T {
    // The program may be another one by then.
    this.#started.push({ stop: () => server.program.stop() });
    this.#programs.push(server.program);
    return server;
  }

  async #startGateway(name: string, env: GatewayEnvironment): Promise<Gateway> {
    const place = { name, env, logFolder: this.logFolder, port: await freePort(), opsPort: await freePort() };
    const gateway = await Gateway.start(place);
    this.#started.push(gateway);
    return gateway;
  }

  #gatewayEnvironment(settings: GatewayEnvironment): GatewayEnvironment {
    return {
      DATABASE_URL: this.databaseUrl,
      REDIS_URL: this.redis.url,
      REALTIME_SESSION_SECRET: SESSION_SECRET,
      REALTIME_TRUSTED_PROXIES: "127.0.0.1/32",
      // Nobody waits for a stack to send its sockets away gently.
      REALTIME_DRAIN_SECS: "1",
      ...settings,
    };
  }
}

function started<T>(part: T | undefined, what: string): T {
  if (part === undefined) throw new StackError(`${what} is not there yet`);
  return part;
}

function openPool(connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString, max: 4 });
  // Postgres goes before this process does now and then; a query in flight tells whom it concerns.
  pool.on("error", () => {});
  return pool;
}

/** Like Promise.all, but comes back only when all have ended, so that nothing is started behind the back of a stop. */
async function allOf<T extends readonly unknown[]>(parts: [...T]): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const settled = await Promise.allSettled(parts);
  const values = settled.map((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
  return values as { -readonly [K in keyof T]: Awaited<T[K]> };
}
