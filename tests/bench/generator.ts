/** One run of the load generator, and what was looked at when its measured time began and ended. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { StormUser } from "../storm/sessions.ts";
import { built } from "./binaries.ts";
import type { Server } from "./servers.ts";

const ENDS_WITHIN_MS = 180_000;

type Line = { line: "begin" } | { line: "end" } | { line: "result"; result: Record<string, unknown> };

export type Load = {
  servers: Server[];
  users: StormUser[];
  workload: string[];
  /** Where the users' file may lie. */
  folder: string;
  /** Called with the generator's own pid. */
  onBegin: (pid: number) => void;
  onEnd: (pid: number) => void;
};

/** Answers the generator's result; fails with its last words. */
export async function runLoad({ servers, users, workload, folder, onBegin, onEnd }: Load): Promise<Record<string, unknown>> {
  const file = join(folder, `users-${users[0]?.id ?? "nobody"}.json`);
  writeFileSync(file, JSON.stringify(users));
  const addresses = servers.flatMap(({ address }) => ["--server", address]);
  const args = [...addresses, "--wire", servers[0]?.wire ?? "socket-io", "--users", file, ...workload];
  const generator = spawn(built("release/load-generator"), args, { stdio: ["ignore", "pipe", "pipe"], timeout: ENDS_WITHIN_MS });
  let words = "";
  generator.stderr.setEncoding("utf8").on("data", (chunk: string) => (words += chunk));
  const ended = once(generator, "close");
  let result: Record<string, unknown> | undefined;
  for await (const text of createInterface(generator.stdout)) {
    const line = JSON.parse(text) as Line;
    if (line.line === "begin") onBegin(generator.pid ?? 0);
    if (line.line === "end") onEnd(generator.pid ?? 0);
    if (line.line === "result") result = line.result;
  }
  const [code, signal] = (await ended) as [number | null, string | null];
  if (code === 0 && result !== undefined) return result;
  throw new Error(signal === null ? words.trim() || `ended with ${code}` : `no result within ${ENDS_WITHIN_MS / 1_000} s`);
}
