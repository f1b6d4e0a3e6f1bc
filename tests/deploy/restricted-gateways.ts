/** Two gateways that may do no more than the files of `deploy/redis` and `deploy/postgres` let them. */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { gatewayCommand, migrateGateway, type Gateway } from "../stack/gateway.ts";
import { repository } from "../stack/repository.ts";
import { Stack } from "../stack/stack.ts";
import { filledIn } from "../stack/template.ts";
import { SETTINGS, startGateways, stopAll } from "./gateways.ts";

const REDIS_PASSWORD = "known to everybody: tests only";

export type RestrictedGateways = {
  stack: Stack;
  gateways: Gateway[];
  /** Redis and Postgres as the gateways are let into them. */
  redisUrl: string;
  writerUrl: string;
  /** Postgres as `migrate`, `erase-user` and `prune` are. */
  ownerUrl: string;
  /** One of the binary's other commands, as the owner of the tables. */
  asOwner(...args: string[]): Promise<string>;
  stop(): Promise<void>;
};

/** The users of Redis: everybody else as before, and the gateway by the delivered line. */
function accessList(): string {
  const hash = createHash("sha256").update(REDIS_PASSWORD).digest("hex");
  return `user default on nopass ~* &* +@all\n${filledIn("redis/gateway.acl.template", { GATEWAY_PASSWORD_SHA256: hash })}`;
}

/** The address of a database for a user that needs no password there. */
export function urlAs(user: string, databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.username = user;
  return url.href;
}

/** Runs a file of `deploy/` as somebody. */
export async function runFile(file: string, connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(readFileSync(join(repository, "deploy", file), "utf8"));
  } finally {
    await client.end();
  }
}

export async function startRestrictedGateways(): Promise<RestrictedGateways> {
  const folder = mkdtempSync(join(tmpdir(), "realtime-acl-"));
  const aclfile = join(folder, "users.acl");
  writeFileSync(aclfile, accessList());
  const stack = await Stack.start({ gateways: 0, redis: { aclfile, "notify-keyspace-events": "Kg$x" } });
  let gateways: Gateway[] = [];
  const stop = async () => {
    await stopAll(gateways);
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await runFile("postgres/roles.sql", stack.databaseUrl);
    await runFile("compose/logins.sql", stack.databaseUrl);
    const [ownerUrl, writerUrl] = [urlAs("realtime_owner", stack.databaseUrl), urlAs("gateway", stack.databaseUrl)];
    const redisUrl = `redis://gateway:${encodeURIComponent(REDIS_PASSWORD)}@127.0.0.1:${stack.redis.port}`;
    // The recheck takes longer than a story: who hears of a logout sooner has heard of it by a keyspace event.
    const env = { ...SETTINGS, REDIS_URL: redisUrl, REALTIME_SESSION_RECHECK_SECS: "60" };
    await migrateGateway(stack.logFolder, { ...env, DATABASE_URL: ownerUrl });
    await runFile("postgres/writer_role.sql", ownerUrl);
    gateways = await startGateways(stack, { ...env, DATABASE_URL: writerUrl });
    const asOwner = (...args: string[]) => gatewayCommand(args, { ...env, DATABASE_URL: ownerUrl });
    return { stack, gateways, redisUrl, writerUrl, ownerUrl, asOwner, stop };
  } catch (error) {
    stack.keepState();
    await stop();
    throw error;
  }
}
