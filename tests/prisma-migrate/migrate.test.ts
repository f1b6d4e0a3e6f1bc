/** Prisma Migrate of the API beside the gateway's tables. Prisma 7 needs an engine that it downloads; 6.19 has one in WASM. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type pg from "pg";
import { Stack } from "../stack/stack.ts";

const HERE = import.meta.dirname;
const API = join(HERE, "../existing-api/prisma");

/** Everything in the gateway's schema: columns, indexes, functions, views, rows. */
async function belongings(database: pg.Pool): Promise<unknown> {
  const all = async (sql: string) => (await database.query<Record<string, unknown>>(sql)).rows;
  const tables = await all(`select tablename from pg_tables where schemaname = 'realtime' order by 1`);
  const rows: Record<string, unknown> = {};
  for (const { tablename } of tables) rows[`${tablename}`] = await all(`select to_jsonb(t) as row from realtime."${tablename}" t order by 1`);
  return {
    rows,
    columns: await all(`select table_name, column_name, data_type, collation_name, is_nullable, column_default from information_schema.columns where table_schema = 'realtime' order by 1, 2`),
    indexes: await all(`select indexdef from pg_indexes where schemaname = 'realtime' order by 1`),
    functions: await all(`select pg_get_functiondef(p.oid) from pg_proc p join pg_namespace n on n.oid = pronamespace where nspname = 'realtime' order by 1`),
    views: await all(`select viewname, definition from pg_views where schemaname = 'realtime' order by 1`),
  };
}

/** Runs a command until it says that it is done: with a driver adapter, this version does not end by itself. */
async function prisma(env: Record<string, string>, args: string[], done: RegExp): Promise<void> {
  // No query engine is needed either, but it would be asked for.
  const quiet = { PRISMA_QUERY_ENGINE_LIBRARY: "/bin/true", CHECKPOINT_DISABLE: "1", PRISMA_HIDE_UPDATE_MESSAGE: "1" };
  const child = spawn(process.execPath, ["node_modules/prisma/build/index.js", ...args], {
    cwd: HERE,
    env: { ...process.env, ...env, ...quiet },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 30_000,
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (done.test(said)) child.kill("SIGKILL");
    });
  }
  await once(child, "close");
  assert.match(said, done, args.join(" "));
}

test("migrate_dev_and_db_push_of_prisma_6_leave_the_gateways_tables_alone; prisma 7 does not run without a download", { timeout: 180_000 }, async () => {
  const stack = await Stack.start({ gateways: 1 });
  const folder = mkdtempSync(join(HERE, "run-"));
  try {
    await stack.database.query(`insert into realtime."ChatConversation" ("id", "userA", "userB", "lastSeq", "lastMessageAt") values (':a:b', 'a', 'b', 1, now())`);
    const [schema, migrations] = [join(folder, "schema.prisma"), join(folder, "migrations")];
    const text = readFileSync(join(API, "schema.prisma"), "utf8")
      .replace(/generator \w+ \{[^}]*\}/, 'generator client {\n  provider = "prisma-client"\n  engineType = "client"\n  output = "./generated"\n}')
      .replace(/(datasource \w+ \{)/, '$1\n  url = env("DATABASE_URL")');
    writeFileSync(schema, text);
    cpSync(join(API, "migrations"), migrations, { recursive: true });
    const env = { SCHEMA: schema, MIGRATIONS: migrations, DATABASE_URL: stack.databaseUrl };
    const before = await belongings(stack.database);

    await prisma(env, ["migrate", "dev", "--skip-generate", "--name", "nothing"], /Already in sync, no schema change/);
    assert.deepEqual(await belongings(stack.database), before, "after migrate dev without a change");
    writeFileSync(schema, `${text}\nmodel Note {\n  id String @id\n  @@schema("public")\n}\n`);
    await prisma(env, ["migrate", "dev", "--skip-generate", "--name", "notes"], /database is now in sync with your schema/);
    assert.deepEqual(await belongings(stack.database), before, "after migrate dev with a new table");
    writeFileSync(schema, `${text}\nmodel Note {\n  id String @id\n  text String?\n  @@schema("public")\n}\n`);
    await prisma(env, ["db", "push", "--skip-generate"], /database is now in sync with your Prisma schema/);
    assert.deepEqual(await belongings(stack.database), before, "after db push");
    const { rows } = await stack.database.query(`select column_name from information_schema.columns where table_name = 'Note' order by 1`);
    assert.deepEqual(rows.map(({ column_name }) => column_name), ["id", "text"], "they did what they were to do");
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await stack.stop();
  }
});
