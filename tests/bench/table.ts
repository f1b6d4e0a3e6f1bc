/** Medians, spans and ratios of all runs, as one table. */
import type { Run } from "./measure.ts";
import { PEERS, type Kind } from "./servers.ts";
import type { Measure, Workload } from "./workloads.ts";

/** All runs of a workload by one kind of server; a failure stands for itself. */
export type Outcomes = { workload: Workload; runs: Map<Kind, (Run | Error)[]> };

const COLUMNS: Kind[] = ["gateway", ...PEERS];

export function median(numbers: number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}

/** Three digits, as many as a run repeats. */
export function digits(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

function valuesOf(measure: Measure, runs: (Run | Error)[]): number[] {
  return runs.flatMap((run) => (run instanceof Error ? [] : [measure.of(run)]));
}

/** `38.1 (37–39) 6.2×`: the median, least to most, and the gateway's median as a multiple of a peer's. */
function cell(measure: Measure, kind: Kind, runs: Map<Kind, (Run | Error)[]>): string {
  const mine = runs.get(kind);
  if (mine === undefined) return "";
  const values = valuesOf(measure, mine);
  if (values.length === 0) return "failed";
  if (values.some(Number.isNaN)) return "never";
  const span = values.length > 1 ? ` (${digits(Math.min(...values))}–${digits(Math.max(...values))})` : "";
  const ratio = median(valuesOf(measure, runs.get("gateway") ?? [])) / median(values);
  return `${digits(median(values))}${span}${kind === "gateway" || !Number.isFinite(ratio) ? "" : ` **${ratio.toFixed(2)}×**`}`;
}

/** What must not be, over all rounds. */
function faultsCell(runs: (Run | Error)[] | undefined): string {
  if (runs === undefined) return "";
  const failures = runs.filter((run) => run instanceof Error).map(({ message }) => message.slice(0, 60));
  const counts = new Map<string, number>();
  for (const run of runs) {
    if (run instanceof Error) continue;
    for (const [name, count] of Object.entries(run.faults)) counts.set(name, (counts.get(name) ?? 0) + count);
  }
  return [...failures, ...[...counts].map(([name, count]) => `${count} ${name}`)].join(", ") || "none";
}

const ARROWS = { more: " ↑", less: " ↓", neither: "" };
const FIRST_COLUMN = 40;

/** Markdown that terminals can read too: columns are as wide as their widest cell, and a title may reach over the first one. */
export function tableOf(all: Outcomes[]): string {
  const rows: string[][] = [["", ...COLUMNS], ["---", ...COLUMNS.map(() => "---")]];
  for (const { workload, runs } of all) {
    rows.push([`**${workload.title}**`, ...COLUMNS.map(() => "")]);
    for (const measure of workload.measures) {
      const name = `${measure.name}${measure.unit === "" ? "" : `, ${measure.unit}`}${ARROWS[measure.better ?? "neither"]}`;
      rows.push([name, ...COLUMNS.map((kind) => cell(measure, kind, runs))]);
    }
    rows.push(["faults", ...COLUMNS.map((kind) => faultsCell(runs.get(kind)))]);
  }
  const widths = ["", ...COLUMNS].map((_, at) => (at === 0 ? FIRST_COLUMN : Math.max(...rows.map((row) => row[at]?.length ?? 0))));
  return rows.map((row) => `| ${row.map((text, at) => text.padEnd(widths[at] ?? 0)).join(" | ")} |`).join("\n");
}
