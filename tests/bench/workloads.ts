/** What is measured, with which sizes, and what of it goes into the table. */
import type { GatewayEnvironment } from "../stack/gateway.ts";
import type { Run } from "./measure.ts";
import type { Kind } from "./servers.ts";

export const QUICK = (process.env.QUICK ?? "") !== "";

export type Measure = {
  name: string;
  unit: string;
  /** Nothing where neither is. */
  better?: "more" | "less";
  of: (run: Run) => number;
};

export type Workload = {
  name: string;
  title: string;
  servers: Kind[];
  users: number;
  tenants: number;
  /** Arguments of the load generator. */
  load: string[];
  /** Only where its defaults would do another work than the peers. */
  gatewaySettings?: GatewayEnvironment;
  measures: Measure[];
};

const ALL: Kind[] = ["gateway", "node", "socketioxide", "raw+pg", "raw"];
const WITH_DATABASE: Kind[] = ["gateway", "node", "socketioxide", "raw+pg"];
const PRESENCE: Kind[] = ["gateway", "node", "socketioxide", "raw"];
/** Everybody is told of everybody, as the peers do it. */
const ALL_SEE_ALL = { REALTIME_PRESENCE_BROADCAST_MAX: "100000" };

function size(full: number, quick: number): number {
  return QUICK ? quick : full;
}

function flags(values: Record<string, number>): string[] {
  return Object.entries(values).flatMap(([name, value]) => [`--${name}`, `${value}`]);
}

type Percentiles = { p50: number; p90: number; p99: number; max: number };

function number(name: string): (run: Run) => number {
  return ({ result }) => Number(result[name] ?? Number.NaN);
}

function percentile(name: string, which: keyof Percentiles): (run: Run) => number {
  return ({ result }) => (result[name] as Percentiles)[which];
}

function microsecondsEach(part: "serverCpu" | "postgresCpu" | "redisCpu"): (run: Run) => number {
  return ({ result, used }) => (used[part] * 1e6) / Number(result.answered);
}

const GENERATOR: Measure = { name: "generator's share of its core", unit: "%", better: "less", of: ({ used }) => (100 * used.generatorCpu) / used.seconds };
const ACK: Measure[] = [
  { name: "ack p50", unit: "ms", better: "less", of: percentile("ack", "p50") },
  { name: "ack p99", unit: "ms", better: "less", of: percentile("ack", "p99") },
];

const PAIRS = 100;
const SECONDS = { "warm-up": size(3, 1), seconds: size(10, 4) };

function openLoop(rate: number, servers: Kind[]): Workload {
  return {
    name: `direct-${rate}`,
    title: `Persisted direct messages, ${rate.toLocaleString("en")} a second offered, ${PAIRS} pairs`,
    servers,
    users: 2 * PAIRS,
    tenants: 10,
    load: ["direct", ...flags({ pairs: PAIRS, rate, ...SECONDS })],
    measures: [{ name: "acked", unit: "/s", better: "more", of: number("perSecond") }, ...ACK, { name: "delivery p99", unit: "ms", better: "less", of: percentile("delivery", "p99") }],
  };
}

const IN_FLIGHT = 4;
const saturation: Workload = {
  name: "direct-closed",
  title: `Persisted direct messages at saturation: ${PAIRS} pairs, each side ${IN_FLIGHT} in flight, acked after the commit, delivered`,
  servers: ALL,
  users: 2 * PAIRS,
  tenants: 10,
  load: ["direct", ...flags({ pairs: PAIRS, "in-flight": IN_FLIGHT, ...SECONDS })],
  measures: [
    { name: "acked", unit: "/s", better: "more", of: number("perSecond") },
    ...ACK,
    { name: "server CPU a message", unit: "µs", better: "less", of: microsecondsEach("serverCpu") },
    { name: "Postgres CPU a message", unit: "µs", better: "less", of: microsecondsEach("postgresCpu") },
    { name: "Redis CPU a message", unit: "µs", better: "less", of: microsecondsEach("redisCpu") },
    GENERATOR,
  ],
};

const IDLE = size(10_000, 2_000);
const idle: Workload = {
  name: "idle",
  title: `${IDLE.toLocaleString("en")} users who do nothing, in tenants of 10`,
  servers: PRESENCE,
  users: IDLE,
  tenants: IDLE / 10,
  load: ["idle", ...flags({ connections: IDLE, rate: 800, settle: 5, seconds: size(30, 12) })],
  measures: [
    { name: "memory a connection", unit: "KiB", better: "less", of: ({ used }) => (used.memory - used.memoryBefore) / 1_024 / IDLE },
    { name: "server CPU", unit: "% of a core", better: "less", of: ({ used }) => (100 * used.serverCpu) / used.seconds },
    { name: "Redis commands", unit: "/s", better: "less", of: ({ used }) => used.redisCommands / used.seconds },
  ],
};

const CONNECTIONS = size(10_000, 3_000);
const connect: Workload = {
  name: "connect",
  title: `${CONNECTIONS.toLocaleString("en")} users come as fast as they are let in, 128 at the door, in tenants of 10`,
  servers: PRESENCE,
  users: CONNECTIONS,
  tenants: CONNECTIONS / 10,
  load: ["connect", ...flags({ connections: CONNECTIONS, "in-flight": 128 })],
  measures: [
    { name: "joined", unit: "/s", better: "more", of: number("perSecond") },
    { name: "handshake p99", unit: "ms", better: "less", of: percentile("handshake", "p99") },
    { name: "server CPU a join", unit: "µs", better: "less", of: ({ used }) => (used.serverCpu * 1e6) / CONNECTIONS },
    GENERATOR,
  ],
};

const MEMBERS = size(1_000, 500);
const CHANGES = size(20, 4);
const fanOut: Workload = {
  name: "fan-out",
  title: `Presence in a tenant of ${MEMBERS.toLocaleString("en")}: one user more, after silence`,
  servers: PRESENCE,
  users: MEMBERS + CHANGES,
  tenants: 1,
  load: ["fan-out", ...flags({ members: MEMBERS, changes: CHANGES })],
  gatewaySettings: ALL_SEE_ALL,
  measures: [
    { name: "last member told, median", unit: "ms", better: "less", of: percentile("lastTold", "p50") },
    { name: "last member told, worst", unit: "ms", better: "less", of: percentile("lastTold", "max") },
  ],
};

const FLAPPERS = 20;
const flapping: Workload = {
  name: "flapping",
  title: `Presence in a tenant of ${MEMBERS.toLocaleString("en")}: ${FLAPPERS} users come and go without a pause`,
  servers: PRESENCE,
  users: MEMBERS + FLAPPERS,
  tenants: 1,
  load: ["flapping", ...flags({ members: MEMBERS, flappers: FLAPPERS, seconds: size(10, 4) })],
  // With the grace nothing would be told at all: whoever returns within it has not been away.
  gatewaySettings: { ...ALL_SEE_ALL, REALTIME_PRESENCE_GRACE_MS: "0" },
  measures: [
    { name: "changes delivered", unit: "/s", better: "more", of: number("deliveredPerSecond") },
    { name: "users named", unit: "/s", of: number("entriesPerSecond") },
    { name: "frames a member", unit: "/s", better: "less", of: number("framesPerSecondAndMember") },
    { name: "consistent after the last change", unit: "ms", better: "less", of: number("consistentMs") },
  ],
};

function storm(users: number, bound: "all see all" | "default bound", servers: Kind[]): Workload {
  return {
    name: `storm-${users}${bound === "all see all" ? "" : "-bounded"}`,
    title: `Storm: ${users.toLocaleString("en")} users of one tenant join in 2 s, ${bound}`,
    servers,
    users,
    tenants: 1,
    load: ["storm", ...flags({ users, within: 2 })],
    ...(bound === "all see all" ? { gatewaySettings: ALL_SEE_ALL } : {}),
    measures: [
      { name: "presence frames", unit: "", better: "less", of: number("frames") },
      { name: "presence bytes", unit: "MB", better: "less", of: ({ result }) => Number(result.bytes) / 1e6 },
      { name: "consistent after the last join", unit: "ms", better: "less", of: ({ result }) => Number(result.consistentMs ?? Number.NaN) },
    ],
  };
}

const WITHOUT_FLOOR: Kind[] = ["gateway", "node", "socketioxide"];

export const workloads: Workload[] = [
  saturation,
  openLoop(2_000, WITH_DATABASE),
  openLoop(10_000, ["gateway", "raw+pg"]),
  idle,
  connect,
  fanOut,
  flapping,
  storm(size(1_000, 500), "all see all", WITHOUT_FLOOR),
  ...(QUICK ? [] : [storm(2_000, "all see all", WITHOUT_FLOOR)]),
  storm(size(2_000, 1_000), "default bound", ["gateway"]),
];
