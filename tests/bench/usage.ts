/** What processes have used, as Linux tells it. */
import { readFileSync } from "node:fs";
import { descendants } from "../stack/descendants.ts";

/** Linux' clock ticks, which every architecture of today has. */
const TICKS_A_SECOND = 100;

/** Seconds of CPU of a process and of all below it, those that have ended included. */
export function cpuSeconds(pid: number): number {
  return [pid, ...descendants(pid)].reduce((sum, one) => sum + ticks(one), 0) / TICKS_A_SECOND;
}

function ticks(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // After the name, which may hold anything, `state` is the first field; utime, stime, cutime and cstime are the 12th to 15th.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  } catch {
    // It has just ended, and its parent has its time.
    return 0;
  }
}

/** Seconds of CPU that all cores together have spent on anything. */
export function machineCpuSeconds(): number {
  const [, ...ticks] = (readFileSync("/proc/stat", "utf8").split("\n", 1)[0] ?? "").trim().split(/\s+/).map(Number);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = ticks;
  return (user + nice + system + irq + softirq + steal) / TICKS_A_SECOND;
}

export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes ?? 0) * 1_024;
}
