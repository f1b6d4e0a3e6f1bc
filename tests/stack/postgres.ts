/** A Postgres of this stack's own. Its cluster is kept when the state folder is. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { findExecutable, requireExecutable } from "./executables.ts";
import { freePort } from "./ports.ts";
import { Program } from "./program.ts";

/** Postgres refuses to run as root, so root runs it as the user that comes with the package. */
const POSTGRES_USER = "postgres";
const OWNER = "platform";
const DATABASE = "platform";

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function mayEnter(folder: string): boolean {
  try {
    execFileSync(findExecutable("setpriv") ?? "setpriv", [`--reuid=${POSTGRES_USER}`, `--regid=${POSTGRES_USER}`, "--init-groups", "--", "test", "-x", folder]);
    return true;
  } catch {
    return false;
  }
}

/**
 * The cluster is in the state folder. Root may have put that where the postgres user cannot go (below /root, say);
 * then it is in a folder for temporary files that outlives a reboot, and the state folder has a link to it.
 */
function clusterFolder(stateFolder: string): string {
  const home = join(stateFolder, "postgres");
  if (lstatSync(home, { throwIfNoEntry: false })?.isSymbolicLink()) {
    const elsewhere = readlinkSync(home);
    mkdirSync(elsewhere, { recursive: true });
    return join(elsewhere, "cluster");
  }
  if (isRoot() && !existsSync(home) && !mayEnter(stateFolder)) {
    const elsewhere = mkdtempSync(join(existsSync("/var/tmp") ? "/var/tmp" : tmpdir(), "realtime-postgres-"));
    symlinkSync(elsewhere, home);
    own(elsewhere);
    return join(elsewhere, "cluster");
  }
  mkdirSync(home, { recursive: true });
  own(home);
  return join(home, "cluster");
}

function own(folder: string): void {
  if (isRoot()) execFileSync("chown", [`${POSTGRES_USER}:${POSTGRES_USER}`, folder]);
  chmodSync(folder, 0o700);
}

async function connects(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 2_000 });
  // An end of the link while the server is starting is no news.
  client.on("error", () => {});
  await client.connect();
  await client.end();
  return true;
}

async function createDatabase(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rowCount } = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
}

export async function startPostgres(
  stateFolder: string,
  logFolder: string,
  { isDurable }: { isDurable: boolean },
): Promise<{ program: Program; url: string }> {
  const cluster = clusterFolder(stateFolder);
  if (!existsSync(cluster)) {
    // Under another name until it is whole: an interrupted initdb must not pass for a cluster.
    const unfinished = `${cluster}.new`;
    rmSync(unfinished, { recursive: true, force: true });
    await Program.run({
      name: "initdb",
      command: requireExecutable("initdb"),
      args: ["-D", unfinished, "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync"],
      logFolder,
      cwd: "/",
      runAs: POSTGRES_USER,
    });
    renameSync(unfinished, cluster);
  }
  const port = await freePort();
  const server = `postgresql://${OWNER}@127.0.0.1:${port}`;
  const settings = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=200",
    // Not UTC, so that a reader who forgets time zones is found out.
    "timezone=Europe/Paris",
    ...(isDurable ? [] : ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]),
  ];
  const program = await Program.start({
    name: "postgres",
    command: requireExecutable("postgres"),
    args: ["-D", cluster, "-p", `${port}`, ...settings.flatMap((setting) => ["-c", setting])],
    logFolder,
    cwd: "/",
    runAs: POSTGRES_USER,
    // "Fast": does not wait for clients to leave.
    stopSignal: "SIGINT",
    isReady: () => connects(`${server}/postgres`),
  });
  await createDatabase(`${server}/postgres`);
  return { program, url: `${server}/${DATABASE}` };
}
