import { once } from "node:events";
import { createConnection } from "node:net";
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
