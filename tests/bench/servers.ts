/** The gateway and its peers, each on the cores of the server. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { Gateway, type GatewayEnvironment } from "../stack/gateway.ts";
import { freePort } from "../stack/ports.ts";
import { Program } from "../stack/program.ts";
import { repository } from "../stack/repository.ts";
import { SESSION_SECRET } from "../stack/stack.ts";
import { built } from "./binaries.ts";
import type { Stores } from "./stores.ts";

export const PEERS = ["node", "socketioxide", "raw+pg", "raw"] as const;
export type Peer = (typeof PEERS)[number];
export type Kind = "gateway" | Peer;

export const SERVER_CORES = process.env.SERVER_CORES || "0";

export type Server = {
  wire: "socket-io" | "raw";
  address: string;
  pid: number;
  /** Where its messages are, when it stores any. */
  table?: string;
  stop(): Promise<void>;
};

const UNLIMITED = "1000000/1000000";
/** What a load generator hits that people do not: one address, and writers that never rest. */
const WITHOUT_BUDGETS = { REALTIME_RATE_MESSAGES: UNLIMITED, REALTIME_RATE_EVENTS: UNLIMITED, REALTIME_ACCEPT_RATE: UNLIMITED };

export async function startServer(kind: Kind, stores: Stores, gatewaySettings: GatewayEnvironment = {}): Promise<Server> {
  const server = kind === "gateway" ? await startGateway(stores, gatewaySettings) : await startPeer(kind, stores);
  pin(server.pid);
  return server;
}

/** All threads that there are; those to come inherit it. The number of workers was read where it was started: on as many cores. */
function pin(pid: number): void {
  execFileSync("taskset", ["--all-tasks", "--cpu-list", "--pid", SERVER_CORES, `${pid}`], { stdio: "ignore" });
}

async function startGateway(stores: Stores, settings: GatewayEnvironment): Promise<Server> {
  const port = await freePort();
  const gateway = await Gateway.start({
    name: "gateway",
    port,
    opsPort: await freePort(),
    logFolder: stores.logFolder,
    env: {
      DATABASE_URL: stores.databaseUrl,
      REDIS_URL: stores.redis.url,
      REALTIME_SESSION_SECRET: SESSION_SECRET,
      REALTIME_WORKERS: "1",
      REALTIME_DRAIN_SECS: "1",
      ...WITHOUT_BUDGETS,
      ...settings,
    },
  });
  return { wire: "socket-io", address: `127.0.0.1:${port}`, pid: gateway.pid, table: `realtime."ChatMessage"`, stop: () => kill(gateway) };
}

/** Thousands of sockets need not be sent away gently. */
async function kill(server: { kill(signal: NodeJS.Signals): Promise<unknown> }): Promise<void> {
  await server.kill("SIGKILL");
}

async function startPeer(kind: Peer, stores: Stores): Promise<Server> {
  const port = await freePort();
  const program = await Program.start({
    name: kind,
    ...commandOf(kind),
    logFolder: stores.logFolder,
    env: {
      PORT: `${port}`,
      NODE_ENV: "production",
      REDIS_URL: stores.redis.url,
      SESSION_SECRET,
      ...(kind === "raw" ? {} : { DATABASE_URL: stores.databaseUrl }),
    },
    isReady: async () => (await fetch(`http://127.0.0.1:${port}/ready`)).ok,
  });
  const { pid } = program;
  if (pid === undefined) throw new Error(`${kind} does not run`);
  const table = kind === "raw" ? {} : { table: `public."Message"` };
  return { wire: kind.startsWith("raw") ? "raw" : "socket-io", address: `127.0.0.1:${port}`, pid, ...table, stop: () => kill(program) };
}

function commandOf(kind: Peer): { command: string; args: string[] } {
  const release = (name: string) => ({ command: built("peers/release", name), args: [] });
  switch (kind) {
    case "node":
      return { command: process.execPath, args: [join(repository, "tests/bench/peers/node/src/server.js")] };
    case "socketioxide":
      return release("peer-socketioxide");
    case "raw":
    case "raw+pg":
      return release("peer-raw");
  }
}
