/** What the runbook says that there is. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../../stack/repository.ts";

/** The names of its table of metrics. */
export function metricsOfRunbook(): Set<string> {
  const text = readFileSync(join(repository, "deploy/RUNBOOK.md"), "utf8");
  const section = /^## Metrics$(.*?)(?=^## )/ms.exec(`${text}\n## `)?.[1] ?? "";
  const cells = section.split("\n").filter((line) => line.startsWith("| `")).map((line) => line.split("|")[1] ?? "");
  return new Set(cells.flatMap((cell) => [...cell.matchAll(/`(realtime_\w+)`/g)].map(([, name]) => name ?? "")));
}
