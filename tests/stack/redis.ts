/** A Redis of this stack's own, in memory only: one that is started again is empty, unless it was told to keep what it had. */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { requireExecutable } from "./executables.ts";
import { StackError } from "./failure.ts";
import { freePort } from "./ports.ts";
import { Program } from "./program.ts";

/** Further directives of `redis.conf`. */
export type RedisSettings = Record<string, string>;

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

export class Redis {
  #program: Program | undefined;
  #tellUnexpectedEnd: (failure: StackError) => void = () => {};

  private constructor(
    readonly port: number,
    private readonly folders: { state: string; log: string },
    private readonly settings: RedisSettings,
  ) {}

  static async start(stateFolder: string, logFolder: string, settings: RedisSettings = {}): Promise<Redis> {
    const redis = new Redis(await freePort(), { state: stateFolder, log: logFolder }, settings);
    await redis.start();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it at the same address after it was killed. */
  async start(): Promise<void> {
    const settings = Object.entries(this.settings).flatMap(([name, value]) => [`--${name}`, value]);
    this.#program = await Program.start({
      name: "redis",
      command: requireExecutable("redis-server"),
      args: ["--port", `${this.port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", this.folders.state, ...settings],
      logFolder: this.folders.log,
      isReady: () => answersPing(this.port),
    });
    this.#program.onUnexpectedEnd(this.#tellUnexpectedEnd);
  }

  /** Ends it without a word to its clients, with all that it holds; with `keeps`, the next start finds it again. */
  async kill({ keeps = false } = {}): Promise<void> {
    if (keeps) await askRedis(this.url, "SAVE");
    await this.#program?.kill("SIGKILL");
    if (!keeps) rmSync(join(this.folders.state, "dump.rdb"), { force: true });
  }

  /** Connections stay, and nobody answers. */
  freeze(): void {
    this.#program?.freeze();
  }

  thaw(): void {
    this.#program?.thaw();
  }

  /** One command; the answer as redis-cli shows it in JSON. */
  async ask<T>(...command: (string | number)[]): Promise<T> {
    const answer = await this.#cli(["--json", ...command.map(String)]);
    return JSON.parse(answer) as T;
  }

  /** Many commands, a line each, and their answers as plain text. */
  async askAll(lines: string[]): Promise<string> {
    return this.#cli([], lines.join("\n"));
  }

  /** Every command that the server takes from now on, a line each. */
  async watch(): Promise<{ lines: string[]; stop: () => void }> {
    const monitor = spawn(requireExecutable("redis-cli"), ["-u", this.url, "MONITOR"], { stdio: ["ignore", "pipe", "ignore"] });
    const lines: string[] = [];
    monitor.stdout.setEncoding("utf8").on("data", (chunk: string) => lines.push(...chunk.split("\n")));
    await once(monitor.stdout, "data");
    return { lines, stop: () => void monitor.kill() };
  }

  onUnexpectedEnd(tell: (failure: StackError) => void): void {
    this.#tellUnexpectedEnd = tell;
    this.#program?.onUnexpectedEnd(tell);
  }

  async stop(): Promise<void> {
    this.thaw();
    await this.#program?.stop();
  }

  #cli(args: string[], input = ""): Promise<string> {
    return new Promise((resolve, reject) => {
      const asked: ChildProcess = execFile(requireExecutable("redis-cli"), ["-u", this.url, ...args], { maxBuffer: 2 ** 28 }, (error, answer) => (error ? reject(error) : resolve(answer)));
      // It may be done before it has read anything.
      asked.stdin?.on("error", () => {}).end(input);
    });
  }
}

/** Asks a Redis by its own command line; answers the lines. */
export async function askRedis(url: string, ...command: string[]): Promise<string[]> {
  const { stdout } = await promisify(execFile)(requireExecutable("redis-cli"), ["-u", url, ...command]);
  return stdout.split("\n").filter((line) => line !== "");
}
