/** What is going to happen: drawn from the seed alone, before anything starts. */
import type { Direction } from "./fault-proxy.ts";
import { Random } from "./random.ts";
import type { Store } from "../stack/stack.ts";

/** One fault. `forMs` is how long it lasts before it is mended; a mend may take a moment longer. */
export type Fault = { atMs: number; forMs: number } & (
  | { kind: "gateway-killed" | "gateway-drained" | "gateway-frozen"; gateway: number }
  | { kind: "redis-restarted"; keeps: boolean }
  | { kind: "redis-hangs" | "postgres-restarted" | "postgres-hangs" }
  | { kind: "partition"; store: Store; gateway: number; directions: Direction[]; loses: boolean }
  | { kind: "latency"; store: Store; gateway: number; latencyMs: number }
  | { kind: "resets" | "refusals"; store: Store; gateway: number }
  | { kind: "commit-reset"; gateway: number }
);
/** Faults of one family come one after the other; those of different families meet. */
export type Plan = { seed: number; durationMs: number; families: Fault[][] };

type Draw = (random: Random) => Fault extends infer Each ? (Each extends Fault ? Omit<Each, "atMs"> : never) : never;

export const GATEWAYS = 3;
export const LEASE_MS = 4_000;

const gateway = (random: Random) => random.between(0, GATEWAYS - 1);
const store = (random: Random) => random.pick<Store>(["redis", "postgres"]);

const OF_INSTANCES: Draw[] = [
  (random) => ({ kind: "gateway-killed", gateway: gateway(random), forMs: random.between(500, 6_000) }),
  (random) => ({ kind: "gateway-drained", gateway: gateway(random), forMs: random.between(200, 2_000) }),
  (random) => ({ kind: "gateway-frozen", gateway: gateway(random), forMs: LEASE_MS + random.between(500, 3_000) }),
];

const OF_STORES: Draw[] = [
  (random) => ({ kind: "redis-restarted", keeps: true, forMs: random.between(0, 2_000) }),
  (random) => ({ kind: "redis-restarted", keeps: false, forMs: random.between(0, 2_000) }),
  (random) => ({ kind: "redis-hangs", forMs: random.between(1_000, 6_000) }),
  (random) => ({ kind: "postgres-restarted", forMs: random.between(0, 2_000) }),
  (random) => ({ kind: "postgres-hangs", forMs: random.between(1_000, 7_000) }),
];

const OF_LINKS: Draw[] = [
  (random) => ({ ...partition(random), directions: ["there", "back"] }),
  (random) => ({ ...partition(random), directions: [random.pick<Direction>(["there", "back"])] }),
  (random) => ({ kind: "latency", store: store(random), gateway: gateway(random), latencyMs: random.between(20, 400), forMs: random.between(1_000, 5_000) }),
  (random) => ({ kind: "resets", store: store(random), gateway: gateway(random), forMs: 0 }),
  (random) => ({ kind: "refusals", store: store(random), gateway: gateway(random), forMs: random.between(500, 4_000) }),
  (random) => ({ kind: "commit-reset", gateway: gateway(random), forMs: 3_000 }),
];

function partition(random: Random) {
  return { kind: "partition" as const, store: store(random), gateway: gateway(random), loses: random.chance(0.5), forMs: random.between(1_000, LEASE_MS + 4_000) };
}

/** Faults one after the other, each kind before any comes again. */
function inTurn(draws: Draw[], random: Random, durationMs: number): Fault[] {
  const faults: Fault[] = [];
  let deck: Draw[] = [];
  for (let atMs = random.between(0, 1_500); ; ) {
    if (deck.length === 0) deck = random.shuffled(draws);
    const drawn = deck.pop()!(random);
    if (atMs + drawn.forMs > durationMs) return faults;
    faults.push({ ...drawn, atMs } as Fault);
    atMs += drawn.forMs + random.between(300, 2_500);
  }
}

export function draw(seed: number, durationMs: number): Plan {
  const random = new Random(seed);
  return { seed, durationMs, families: [OF_INSTANCES, OF_STORES, OF_LINKS].map((draws) => inTurn(draws, random.fork(), durationMs)) };
}

export function told(fault: Fault): string {
  const { atMs, forMs, kind, ...details } = fault;
  const rest = Object.entries(details).map(([name, value]) => `${name} ${Array.isArray(value) ? value.join("+") : value}`);
  return `${(atMs / 1000).toFixed(1)} s: ${[kind, ...rest].join(", ")}${forMs > 0 ? ` for ${(forMs / 1000).toFixed(1)} s` : ""}`;
}
