/** The Redis and the Postgres of a benchmark: as durable as they come, and empty before each run. */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { migrateGateway } from "../stack/gateway.ts";
import { startPostgres } from "../stack/postgres.ts";
import type { Program } from "../stack/program.ts";
import { Redis } from "../stack/redis.ts";
import { SESSION_SECRET } from "../stack/stack.ts";

const GATEWAY_TABLES = `realtime."ChatMessage", realtime."ChatConversation", realtime."ChatUser"`;

export class Stores {
  private constructor(
    readonly folder: string,
    readonly logFolder: string,
    readonly redis: Redis,
    readonly redisPid: number,
    readonly postgres: Program,
    readonly databaseUrl: string,
    readonly database: pg.Pool,
  ) {}

  static async start(): Promise<Stores> {
    const folder = mkdtempSync(join(tmpdir(), "realtime-bench-"));
    // The user that Postgres runs as has to pass.
    chmodSync(folder, 0o755);
    const logFolder = join(folder, "logs");
    const redis = await Redis.start(folder, logFolder);
    const redisPid = Number(/process_id:(\d+)/.exec(await redis.askAll(["INFO server"]))?.[1]);
    const { program, url } = await startPostgres(folder, logFolder, { isDurable: true });
    await migrateGateway(logFolder, { DATABASE_URL: url, REDIS_URL: redis.url, REALTIME_SESSION_SECRET: SESSION_SECRET });
    const database = new pg.Pool({ connectionString: url, max: 2 });
    // Postgres goes before this process does.
    database.on("error", () => {});
    return new Stores(folder, logFolder, redis, redisPid, program, url, database);
  }

  async empty(): Promise<void> {
    await this.redis.askAll(["FLUSHALL"]);
    await this.database.query(`TRUNCATE ${GATEWAY_TABLES}`);
    await this.database.query(`DROP TABLE IF EXISTS "Message"`);
    // What the run before has left to write is not this one's.
    await this.database.query("CHECKPOINT");
  }

  async redisCommands(): Promise<number> {
    const info = await this.redis.askAll(["INFO stats"]);
    return Number(/total_commands_processed:(\d+)/.exec(info)?.[1] ?? 0);
  }

  async stop(): Promise<void> {
    await this.database.end();
    await this.redis.stop();
    await this.postgres.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
