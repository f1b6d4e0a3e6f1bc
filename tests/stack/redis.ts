import { execFile } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { requireExecutable } from "./executables.ts";
import { freePort } from "./ports.ts";
import { Program } from "./program.ts";

async function answersPing(port: number): Promise<boolean> {
  const connection = createConnection({ port, host: "127.0.0.1" }).setTimeout(1_000, () => connection.destroy());
  try {
    connection.write("PING\r\n");
    const [answer] = (await once(connection, "data")) as [Buffer];
    return answer.toString().startsWith("+PONG");
  } finally {
    connection.destroy();
  }
}

/** A Redis of this stack's own, in memory only. */
export async function startRedis(stateFolder: string, logFolder: string): Promise<{ program: Program; url: string }> {
  const port = await freePort();
  const program = await Program.start({
    name: "redis",
    command: requireExecutable("redis-server"),
    args: ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", stateFolder],
    logFolder,
    isReady: () => answersPing(port),
  });
  return { program, url: `redis://127.0.0.1:${port}` };
}

/** Asks a Redis by its own command line; answers the lines. */
export async function askRedis(url: string, ...command: string[]): Promise<string[]> {
  const { stdout } = await promisify(execFile)(requireExecutable("redis-cli"), ["-u", url, ...command]);
  return stdout.split("\n").filter((line) => line !== "");
}

/** Ends it without a word to its clients. With `keeps`, the next start finds what it held. */
export async function endRedis({ program, url }: { program: Program; url: string }, stateFolder: string, { keeps }: { keeps: boolean }): Promise<void> {
  if (keeps) await askRedis(url, "SAVE");
  await program.kill("SIGKILL");
  if (!keeps) rmSync(join(stateFolder, "dump.rdb"), { force: true });
}
