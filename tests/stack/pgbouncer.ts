/** PgBouncer in front of a stack's Postgres, in session mode. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { requireExecutable } from "./executables.ts";
import { freePort } from "./ports.ts";
import { Program } from "./program.ts";
import type { Stack } from "./stack.ts";

/** Answers it and the address of the stack's database through it. */
export async function startPgbouncer(stack: Stack): Promise<{ program: Program; url: string }> {
  const database = new URL(stack.databaseUrl);
  const folder = join(stack.stateFolder, "pgbouncer");
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const name = database.pathname.slice(1);
  const configuration = join(folder, "pgbouncer.ini");
  writeFileSync(
    configuration,
    `[databases]
${name} = host=${database.hostname} port=${database.port} dbname=${name} user=${database.username}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = session
default_pool_size = 40
`,
  );
  const url = new URL(stack.databaseUrl);
  url.port = `${port}`;
  const program = await Program.start({
    name: "pgbouncer",
    command: requireExecutable("pgbouncer"),
    args: [configuration],
    logFolder: stack.logFolder,
    // It refuses to run as root.
    runAs: "postgres",
    stopSignal: "SIGINT",
    isReady: async () => {
      const client = new pg.Client({ connectionString: url.href });
      client.on("error", () => {});
      await client.connect();
      await client.end();
      return true;
    },
  });
  return { program, url: url.href };
}
