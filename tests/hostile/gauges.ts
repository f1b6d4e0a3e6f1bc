/** What operators see of the gateways: their metrics, their memory, their logs. */
import { readFileSync, writeFileSync } from "node:fs";
import type { Gateway } from "../stack/gateway.ts";
import type { Stack } from "../stack/stack.ts";

export async function page({ opsUrl }: Gateway): Promise<string> {
  return (await fetch(`${opsUrl}/metrics`)).text();
}

/** One series of one gateway, or the sum of a name's series when no labels are given. */
export async function series(gateway: Gateway, name: string): Promise<number> {
  const lines = (await page(gateway)).split("\n").filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}

export async function ofAll({ gateways }: Stack, name: string): Promise<number> {
  return (await Promise.all(gateways.map((gateway) => series(gateway, name)))).reduce((sum, one) => sum + one, 0);
}

function statusOf(pid: number, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

export function residentMegabytes({ pid }: Gateway): number {
  return statusOf(pid, "VmRSS");
}

/** The most since the last call of `forgetPeak`: the kernel keeps it, so no moment is missed. */
export function peakMegabytes({ pid }: Gateway): number {
  return statusOf(pid, "VmHWM");
}

export function forgetPeak({ pid }: Gateway): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

export function logOf({ logFile }: Gateway): string {
  return readFileSync(logFile, "utf8");
}

/** What must not be after anything that a client did: a panic, or the count of one. */
export async function panics(stack: Stack): Promise<string[]> {
  const told = stack.gateways.flatMap((gateway) => logOf(gateway).split("\n").filter((line) => /panic/i.test(line)));
  const counted = await ofAll(stack, 'realtime_connections_ended_total{reason="panicked"}');
  return counted === 0 ? told : [...told, `${counted} connections ended as panicked`];
}
