/** One run: one kind of server, alone on its cores, under one workload. */
import { logInMany } from "../storm/sessions.ts";
import { runLoad } from "./generator.ts";
import { startServer, type Kind, type Server } from "./servers.ts";
import type { Stores } from "./stores.ts";
import { cpuSeconds, machineCpuSeconds, residentBytes } from "./usage.ts";
import type { Workload } from "./workloads.ts";

/** What was used in the measured time. */
export type Used = {
  seconds: number;
  serverCpu: number;
  postgresCpu: number;
  redisCpu: number;
  generatorCpu: number;
  /** Of processes that have nothing to do with it. */
  strangersCpu: number;
  redisCommands: number;
  /** Bytes of the server before anybody came, and at the end of the measured time. */
  memoryBefore: number;
  memory: number;
};

export type Run = {
  result: Record<string, unknown>;
  used: Used;
  /** What must not be, by name: messages lost, doubled, unanswered, refused; links lost. */
  faults: Record<string, number>;
};

type Reading = Omit<Used, "memoryBefore" | "redisCommands">;

export async function measure(kind: Kind, workload: Workload, stores: Stores): Promise<Run> {
  await stores.empty();
  const users = await logInMany(stores.redis, workload.users, tenantsOf(workload.tenants));
  const server = await startServer(kind, stores, workload.gatewaySettings);
  try {
    const memoryBefore = residentBytes(server.pid);
    const readings: Reading[] = [];
    const commands: Promise<number>[] = [];
    const read = (generator: number) => {
      readings.push(reading(server, stores, generator));
      commands.push(stores.redisCommands());
    };
    const result = await runLoad({ servers: [server], users, workload: workload.load, folder: stores.folder, onBegin: read, onEnd: read });
    const [begin, end] = readings;
    if (begin === undefined || end === undefined) throw new Error("the generator told neither begin nor end");
    const [commandsBefore = 0, commandsAfter = 0] = await Promise.all(commands);
    const used = { ...difference(begin, end), memory: end.memory, memoryBefore, redisCommands: commandsAfter - commandsBefore };
    return { result, used, faults: await faultsOf(server, result, stores) };
  } finally {
    await server.stop();
  }
}

export function tenantsOf(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `tenant${at}`);
}

function reading(server: Server, stores: Stores, generator: number): Reading {
  const cpu = {
    serverCpu: cpuSeconds(server.pid),
    postgresCpu: cpuSeconds(stores.postgres.pid ?? 0),
    redisCpu: cpuSeconds(stores.redisPid),
    generatorCpu: cpuSeconds(generator),
  };
  const { user, system } = process.cpuUsage();
  const ours = Object.values(cpu).reduce((sum, one) => sum + one, (user + system) / 1e6);
  return { ...cpu, seconds: performance.now() / 1_000, strangersCpu: machineCpuSeconds() - ours, memory: residentBytes(server.pid) };
}

function difference(begin: Reading, end: Reading): Reading {
  const names = Object.keys(begin) as (keyof Reading)[];
  return Object.fromEntries(names.map((name) => [name, end[name] - begin[name]])) as Reading;
}

/** The generator's own counts, and what the table says. */
async function faultsOf(server: Server, result: Record<string, unknown>, stores: Stores): Promise<Record<string, number>> {
  const counted = (name: string) => Number(result[name] ?? 0);
  const names = ["lost", "duplicated", "unacked", "refused", "strange", "inconsistent"];
  const faults: Record<string, number> = { ...Object.fromEntries(names.map((name) => [name, counted(name)])), "links lost": counted("linksLost") };
  if (server.table !== undefined && "acked" in result) {
    const { rows } = await stores.database.query<{ stored: number; different: number }>(
      `SELECT count(*)::int AS stored, count(DISTINCT ("senderId", "clientMessageId"))::int AS different FROM ${server.table}`,
    );
    const { stored, different } = rows[0] ?? { stored: 0, different: 0 };
    // Exact where every message was answered; where not, that is a fault already.
    faults["acked and not stored"] = Math.max(0, counted("acked") - different);
    faults["stored twice"] = stored - different;
  }
  return Object.fromEntries(Object.entries(faults).filter(([, count]) => count > 0));
}
