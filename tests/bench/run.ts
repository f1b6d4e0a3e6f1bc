/**
 * `make bench`: the gateway and its peers under the same work, in interleaved rounds, and RESULTS.md.
 *
 * | | |
 * |---|---|
 * | `QUICK=1` | one round of small sizes |
 * | `ROUNDS=5` | rounds; 3 by default |
 * | `ONLY=idle,growth` | workloads; then RESULTS.md is left alone |
 * | `SERVERS=gateway,raw+pg` | servers; likewise |
 *
 * Ends with 1 if the gateway failed a run, or lost, doubled, refused or left unanswered a message.
 */
import { growthPlan, measureGrowth, type Point } from "./growth.ts";
import { describeMachine } from "./machine.ts";
import { measure, type Run } from "./measure.ts";
import { write } from "./results.ts";
import type { Kind } from "./servers.ts";
import { Stores } from "./stores.ts";
import { digits, tableOf, type Outcomes } from "./table.ts";
import { QUICK, workloads, type Workload } from "./workloads.ts";

function listed(variable: string): string[] | undefined {
  return process.env[variable]?.split(",").filter((name) => name !== "");
}

const rounds = Number(process.env.ROUNDS || (QUICK ? 1 : 3));
const [only, servers] = [listed("ONLY"), listed("SERVERS")];
const isWhole = (only?.length ?? 0) === 0 && (servers?.length ?? 0) === 0;
const isWanted = (name: string, list: string[] | undefined) => list === undefined || list.length === 0 || list.includes(name);

async function once(kind: Kind, workload: Workload, stores: Stores): Promise<Run | Error> {
  const outcome = await measure(kind, workload, stores).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
  const text = outcome instanceof Error ? `failed: ${outcome.message}` : workload.measures.map(({ name, unit, of }) => `${name} ${digits(of(outcome))}${unit && ` ${unit}`}`).join(", ");
  const faults = outcome instanceof Error ? {} : outcome.faults;
  console.log(`${workload.name} ${kind}: ${text}${Object.keys(faults).length > 0 ? `; FAULTS ${JSON.stringify(faults)}` : ""}`);
  if (kind === "gateway" && (outcome instanceof Error || Object.keys(faults).length > 0)) process.exitCode = 1;
  return outcome;
}

/** Round after round, in each the servers of a workload right after one another: what changes on the machine meets all of them. */
async function measureAll(stores: Stores): Promise<Outcomes[]> {
  const outcomes: Outcomes[] = workloads.filter(({ name }) => isWanted(name, only)).map((workload) => ({ workload, runs: new Map() }));
  for (let round = 1; round <= rounds; round += 1) {
    console.log(`-- round ${round} of ${rounds}`);
    for (const { workload, runs } of outcomes) {
      const kinds = workload.servers.filter((kind) => isWanted(kind, servers));
      // Nobody is always the first.
      for (const kind of [...kinds.slice(round % kinds.length), ...kinds.slice(0, round % kinds.length)]) {
        runs.set(kind, [...(runs.get(kind) ?? []), await once(kind, workload, stores)]);
      }
    }
  }
  return outcomes;
}

async function grow(stores: Stores): Promise<{ points: Point[]; failures: string[] }> {
  const [points, failures]: [Point[], string[]] = [[], []];
  if (!isWanted("growth", only) || !isWanted("gateway", servers)) return { points, failures };
  for (const plan of growthPlan()) {
    const what = `growth: ${plan.instances} instances, ${plan.tenants} tenants, ${plan.connections} connections each`;
    try {
      const point = await measureGrowth(plan, stores);
      points.push(point);
      console.log(`${what}: ${digits(point.memoryMiB)} MiB, CPU ${digits(point.cpuPercent)}%, handshake p99 ${digits(point.handshakeP99Ms)} ms, Redis ${digits(point.redisCommands)}/s`);
    } catch (error) {
      failures.push(`${what}: failed, ${(error as Error).message}`);
      console.log(failures.at(-1));
      process.exitCode = 1;
    }
  }
  return { points, failures };
}

const began = performance.now();
const stores = await Stores.start();
try {
  const facts = await describeMachine(stores);
  console.log(facts.join("\n"));
  const outcomes = await measureAll(stores);
  const { points, failures } = await grow(stores);
  const took = (performance.now() - began) / 1_000;
  console.log(`\n${tableOf(outcomes)}\n\n${Math.ceil(took / 60)} minutes`);
  if (isWhole) write({ facts, rounds, isQuick: QUICK, leftOut: failures, outcomes, growth: points, took });
} finally {
  await stores.stop();
}
