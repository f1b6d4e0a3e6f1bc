/**
 * Applies the migrations that are not recorded yet and records them as `prisma migrate deploy` does.
 * `migrate deploy` itself needs a native engine that it downloads, which not every machine may.
 */
import { createHash, randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import pg from "pg";

/** The lock that Prisma Migrate takes too, so that the two never run at once. */
const PRISMA_ADVISORY_LOCK = 72707369;

const MIGRATIONS_TABLE = `
  CREATE TABLE IF NOT EXISTS "public"."_prisma_migrations" (
    "id" VARCHAR(36) PRIMARY KEY NOT NULL,
    "checksum" VARCHAR(64) NOT NULL,
    "finished_at" TIMESTAMPTZ,
    "migration_name" VARCHAR(255) NOT NULL,
    "logs" TEXT,
    "rolled_back_at" TIMESTAMPTZ,
    "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
    "applied_steps_count" INTEGER NOT NULL DEFAULT 0
  )`;

const folder = new URL("./migrations/", import.meta.url);

function listMigrations() {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const sql = readFileSync(new URL(`${name}/migration.sql`, folder), "utf8");
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    });
}

async function migrate(client: pg.Client): Promise<void> {
  await client.query("SELECT pg_advisory_lock($1)", [PRISMA_ADVISORY_LOCK]);
  await client.query(MIGRATIONS_TABLE);
  const { rows } = await client.query<{ migration_name: string; checksum: string }>(
    `SELECT migration_name, checksum FROM "public"."_prisma_migrations" WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`,
  );
  const recorded = new Map(rows.map((row) => [row.migration_name, row.checksum]));
  for (const { name, sql, checksum } of listMigrations()) {
    const known = recorded.get(name);
    if (known === checksum) continue;
    if (known !== undefined) throw new Error(`migration ${name} was changed after it had been applied`);
    await client.query("BEGIN");
    await client.query(sql);
    await client.query(
      `INSERT INTO "public"."_prisma_migrations" (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query("COMMIT");
    console.log(`applied ${name}`);
  }
}

const connectionString = process.env.DATABASE_URL;
if (!connectionString) {
  console.error("existing-api migrate: DATABASE_URL is not set, e.g. postgresql://user@127.0.0.1:5432/platform");
  process.exit(1);
}
const client = new pg.Client({ connectionString });
try {
  await client.connect();
  await migrate(client);
  console.log("migrations are up to date");
} catch (error) {
  console.error(`existing-api migrate: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await client.end();
}
