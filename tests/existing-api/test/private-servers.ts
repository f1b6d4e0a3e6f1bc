/** A Redis and a Postgres of the test's own, in a temporary folder, gone afterwards. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { createClient } from "redis";

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  return port;
}

async function untilReady(name: string, attempt: () => Promise<void>) {
  for (let left = 100; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 0) throw new Error(`${name} did not start`, { cause: error });
      await pause(100);
    }
  }
}

/** Postgres refuses to run as root. */
function asPostgresUser(command: string[]): [string, string[]] {
  const whole = process.getuid?.() === 0 ? ["runuser", "-u", "postgres", "--", ...command] : command;
  return [whole[0]!, whole.slice(1)];
}

function postgresBinaries(): string {
  const root = "/usr/lib/postgresql";
  const version = readdirSync(root).sort((a, b) => Number(b) - Number(a))[0];
  return join(root, version ?? "", "bin");
}

export async function startPrivateServers() {
  const folder = mkdtempSync(join(tmpdir(), "existing-api-"));
  chmodSync(folder, 0o777);

  const redisPort = await freePort();
  const redisUrl = `redis://127.0.0.1:${redisPort}`;
  const redisArguments = ["--port", String(redisPort), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder];
  const redis = spawn("redis-server", redisArguments, { stdio: "ignore" });
  await untilReady("redis", async () => {
    const client = createClient({ url: redisUrl, socket: { reconnectStrategy: false } });
    client.on("error", () => {});
    await client.connect();
    client.destroy();
  });

  const bin = postgresBinaries();
  const clusterFolder = join(folder, "postgres");
  const initdb = [join(bin, "initdb"), "-D", clusterFolder, "-U", "platform", "-A", "trust", "-E", "UTF8", "--locale", "C", "--no-sync"];
  execFileSync(...asPostgresUser(initdb), { stdio: "ignore" });
  const postgresPort = await freePort();
  // Not UTC, so that a reader who forgets time zones is found out.
  const server = [join(bin, "postgres"), "-D", clusterFolder, "-p", String(postgresPort), "-h", "127.0.0.1", "-k", "", "-F", "-c", "timezone=Europe/Paris"];
  // Detached: runuser does not pass SIGINT on, the group as a whole gets it.
  const [command, rest] = asPostgresUser(server);
  const postgres = spawn(command, rest, { stdio: "ignore", detached: true });
  const kill = () => {
    for (const [child, pid, signal] of [[redis, redis.pid!, "SIGTERM"], [postgres, -postgres.pid!, "SIGINT"]] as const) {
      if (child.exitCode === null && child.signalCode === null) process.kill(pid, signal);
    }
  };
  // Also when a test ends the process early.
  process.once("exit", kill);
  const databaseUrl = `postgresql://platform@127.0.0.1:${postgresPort}/postgres`;
  await untilReady("postgres", async () => {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    await client.end();
  });

  return {
    redisUrl,
    databaseUrl,
    async stop() {
      const ended = [once(redis, "exit"), once(postgres, "exit")];
      kill();
      await Promise.all(ended);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
