/** How the gateway's cost grows with connections, instances and tenants. */
import { logInMany } from "../storm/sessions.ts";
import { runLoad } from "./generator.ts";
import { tenantsOf } from "./measure.ts";
import { startServer, type Server } from "./servers.ts";
import type { Stores } from "./stores.ts";
import { cpuSeconds, residentBytes } from "./usage.ts";
import { QUICK } from "./workloads.ts";

export type Point = {
  connections: number;
  instances: number;
  tenants: number;
  /** Of one instance, on average. */
  memoryMiB: number;
  cpuPercent: number;
  /** Of all instances together. */
  redisCommands: number;
  handshakeP99Ms: number;
};

const CONNECTIONS = QUICK ? [500, 1_000, 3_000] : [1_000, 5_000, 15_000];
const INSTANCES = QUICK ? [1] : [1, 2];
const TENANTS = [1, 1_000];
/** All instances together: what one lets in by default. */
const JOINS_A_SECOND = 500;
const [SETTLE, SECONDS] = QUICK ? [2, 5] : [5, 20];

export function growthPlan(): { connections: number; instances: number; tenants: number }[] {
  return INSTANCES.flatMap((instances) => TENANTS.flatMap((tenants) => CONNECTIONS.map((connections) => ({ connections, instances, tenants }))));
}

export async function measureGrowth({ connections, instances, tenants }: { connections: number; instances: number; tenants: number }, stores: Stores): Promise<Point> {
  await stores.empty();
  const users = await logInMany(stores.redis, connections * instances, tenantsOf(tenants));
  const servers: Server[] = [];
  try {
    for (let at = 0; at < instances; at += 1) servers.push(await startServer("gateway", stores));
    const before = servers.map(({ pid }) => residentBytes(pid));
    const seen: { seconds: number; cpu: number; commands: Promise<number> }[] = [];
    const look = () => {
      const cpu = servers.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0);
      seen.push({ seconds: performance.now() / 1_000, cpu, commands: stores.redisCommands() });
    };
    // A generator holds no more descriptors than a server does.
    const loads = servers.map((_, at) => {
      const share = users.slice(at * connections, (at + 1) * connections);
      const workload = ["idle", "--connections", `${connections}`, "--rate", `${JOINS_A_SECOND / instances}`, "--settle", `${SETTLE}`, "--seconds", `${SECONDS}`];
      const [onBegin, onEnd] = at === 0 ? [look, look] : [() => {}, () => {}];
      return runLoad({ servers, users: share, workload, folder: stores.folder, onBegin, onEnd });
    });
    const settled = await Promise.allSettled(loads);
    const results = settled.map((one) => {
      if (one.status === "rejected") throw one.reason;
      return one.value as { handshake: { p99: number }; linksLost: number };
    });
    if (results.some(({ linksLost }) => linksLost > 0)) throw new Error("links were lost");
    const [begin, end] = seen;
    if (begin === undefined || end === undefined) throw new Error("the generator told neither begin nor end");
    const seconds = end.seconds - begin.seconds;
    const grown = servers.map(({ pid }, at) => residentBytes(pid) - (before[at] ?? 0));
    return {
      connections,
      instances,
      tenants,
      memoryMiB: grown.reduce((sum, one) => sum + one, 0) / instances / 2 ** 20,
      cpuPercent: (100 * (end.cpu - begin.cpu)) / seconds / instances,
      redisCommands: ((await end.commands) - (await begin.commands)) / seconds,
      handshakeP99Ms: Math.max(...results.map(({ handshake }) => handshake.p99)),
    };
  } finally {
    for (const server of servers) await server.stop();
  }
}
