/** RESULTS.md and the plot beside it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../stack/repository.ts";
import type { Point } from "./growth.ts";
import { plot } from "./plot.ts";
import { digits, median, tableOf, type Outcomes } from "./table.ts";

const FOLDER = join(repository, "tests/bench");

export type Results = { facts: string[]; rounds: number; isQuick: boolean; leftOut: string[]; outcomes: Outcomes[]; growth: Point[]; took: number };

/** Above this share of a core, somebody else was at work on the machine. */
const QUIET_PERCENT = 5;

const NOT_MEASURED = [
  "TLS, polling, a load balancer, a network: clients and servers share the loopback of one machine.",
  "More than one core for a server. The stores and the load generator share the other core, so a server that asks less of Postgres also leaves the generator more.",
  "The peers through several instances; socketioxide runs without a cluster adapter, raw cannot be clustered at all.",
  "History, the list of conversations and `sync` on a large database: `make test-slow` holds their plans.",
  "What the peers do not do: unique client message ids, numbers without gaps, reach, history, sync, budgets, a grace before offline, rechecks of live sessions.",
];

/** Shares of a core that others took during the runs. */
function strangers(outcomes: Outcomes[]): { usual: number; worst: number } {
  const runs = outcomes.flatMap(({ runs }) => [...runs.values()]).flat();
  const shares = runs.flatMap((run) => (run instanceof Error ? [] : [(100 * run.used.strangersCpu) / run.used.seconds]));
  return { usual: median(shares), worst: Math.max(...shares) };
}

function notice({ outcomes, isQuick }: Results): string[] {
  const trial = "Take these figures as a trial of the tool, not as a claim.";
  const isQuiet = strangers(outcomes).usual <= QUIET_PERCENT;
  return [...(isQuiet ? [] : [`> **Not a quiet machine.** ${trial}`, ""]), ...(isQuick ? [`> **\`QUICK=1\`**: small sizes and short times. ${trial}`, ""] : [])];
}

function growthTable(points: Point[]): string[] {
  const row = ({ instances, tenants, connections, memoryMiB, cpuPercent, redisCommands, handshakeP99Ms }: Point) =>
    `| ${[instances, tenants, connections].map((count) => count.toLocaleString("en")).join(" | ")} | ${digits(memoryMiB)} | ${digits((memoryMiB * 1_024) / connections)} | ${digits(cpuPercent)} | ${digits(redisCommands)} | ${digits(handshakeP99Ms)} |`;
  return [
    "| instances | tenants | connections each | MiB each | KiB a connection | % of a core each | Redis commands /s, all | handshake p99, ms |",
    "|---|---|---|---|---|---|---|---|",
    ...points.map(row),
  ];
}

export function write(results: Results): void {
  const { facts, rounds, leftOut, outcomes, growth, took } = results;
  const others = strangers(outcomes);
  const lines = [
    "# Results",
    "",
    "Written by `make bench`; [README.md](README.md) says what is measured and how.",
    "",
    ...notice(results),
    ...facts.map((fact) => `- ${fact}`),
    `- Other processes took ${digits(others.usual)}% of a core during the runs (median; at worst ${digits(others.worst)}%)`,
    `- ${rounds} interleaved round${rounds === 1 ? "" : "s"}, ${Math.ceil(took / 60)} minutes in all, ${new Date().toISOString().slice(0, 10)}`,
    "",
    `Each cell: the median${rounds === 1 ? "" : " (least–most)"}, and in bold the gateway's median as a multiple of the peer's. ↑ more is better, ↓ less is better.`,
    "",
    tableOf(outcomes),
    "",
    ...(growth.length === 0 ? [] : ["## How cost grows", "", "![Memory, CPU and handshake p99 by connections](growth.svg)", "", ...growthTable(growth), ""]),
    "## What was not measured",
    "",
    ...[...NOT_MEASURED, ...leftOut].map((what) => `- ${what}`),
    "",
  ];
  writeFileSync(join(FOLDER, "RESULTS.md"), lines.join("\n"));
  if (growth.length > 0) writeFileSync(join(FOLDER, "growth.svg"), plot(growth));
}
