/** The checkers that `make test-deploy-files` installs, and what they say. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { requireExecutable } from "../../stack/executables.ts";
import { repository } from "../../stack/repository.ts";

export const deployFolder = join(repository, "deploy");

/** Runs a checker; answers what it printed, or throws with it. */
export function check(name: string, args: string[], { input, cwd }: { input?: string; cwd?: string } = {}): string {
  const installed = join(import.meta.dirname, ".venv/bin", name);
  const command = existsSync(installed) ? installed : requireExecutable(name);
  const place = { ...(input === undefined ? {} : { input }), ...(cwd === undefined ? {} : { cwd }) };
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8", ...place });
  if (error) throw error;
  if (status !== 0) throw new Error(`${name} ${args.join(" ")} ended with ${status}\n${stdout}${stderr}`);
  return stdout + stderr;
}
