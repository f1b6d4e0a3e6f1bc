/** What is compared: two servers of one protocol with the same settings and the same echo, each a program of its own. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { StackError } from "../stack/failure.ts";
import { freePort } from "../stack/ports.ts";
import { Program } from "../stack/program.ts";
import { repository } from "../stack/repository.ts";

/** Engine.IO alone, or Socket.IO on top. */
export type Mode = "engineio" | "socketio";

export type Server = {
  /** host:port */
  readonly host: string;
  /** What it has logged until now. */
  log(): string;
  stop(): Promise<void>;
};

export const PATH = "/realtime";

/** As the product's example has them. */
export const settings = {
  pingInterval: 300,
  pingTimeout: 200,
  maxPayload: 1_000_000,
  upgradeTimeout: 10_000,
  connectTimeout: 10_000,
};

export async function startReference(mode: Mode): Promise<Server> {
  const script = fileURLToPath(new URL("reference.ts", import.meta.url));
  return start("reference", process.execPath, (port) => ["--import", "tsx", script, mode, String(port)]);
}

export async function startProduct(mode: Mode): Promise<Server> {
  const binary = join(process.env.CARGO_TARGET_DIR ?? join(repository, "target"), "debug", "examples", "conformance");
  if (!existsSync(binary)) throw new StackError(`${binary} is not built: cargo build -p gateway --example conformance`);
  return start("product", binary, (port) => ["--mode", mode, "--bind", `127.0.0.1:${port}`, "--path", PATH]);
}

async function start(name: string, command: string, argsFor: (port: number) => string[]): Promise<Server> {
  const port = await freePort();
  const host = `127.0.0.1:${port}`;
  const logFolder = mkdtempSync(join(tmpdir(), "wire-"));
  const program = await Program.start({
    name,
    command,
    args: argsFor(port),
    logFolder,
    cwd: join(repository, "tests"),
    isReady: async () => (await fetch(`http://${host}${PATH}/`)).status === 400,
  });
  return {
    host,
    log: () => readFileSync(join(logFolder, `${name}.log`), "utf8"),
    stop: async () => {
      await program.stop();
      rmSync(logFolder, { recursive: true });
    },
  };
}
