/** Where and with what it was measured. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { requireExecutable } from "../stack/executables.ts";
import { repository } from "../stack/repository.ts";
import type { Stores } from "./stores.ts";

function said(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: "utf8", cwd: repository }).trim();
}

function lockedVersion(lock: string, crate: string): string {
  const text = readFileSync(join(repository, lock), "utf8");
  return new RegExp(`name = "${crate}"\\nversion = "([^"]+)"`).exec(text)?.[1] ?? "?";
}

function nodeVersion(module: string): string {
  const require = createRequire(join(repository, "tests/bench/peers/node/package.json"));
  const { dependencies } = require("./package.json") as { dependencies: Record<string, string> };
  return dependencies[module] ?? "?";
}

/** A line for each fact. */
export async function describeMachine(stores: Stores): Promise<string[]> {
  const { rows } = await stores.database.query<Record<string, string>>(
    "SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS synchronous_commit, current_setting('full_page_writes') AS full_page_writes",
  );
  const dirty = said("git", "status", "--porcelain", "--", ".", ":!tests/bench/RESULTS.md", ":!tests/bench/growth.svg") === "" ? "" : ", with changes that are not committed";
  const peers = "tests/bench/peers/Cargo.lock";
  return [
    `Machine: ${cpus().length} cores (${cpus()[0]?.model.trim() ?? "?"}), ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`,
    `Gateway: commit ${said("git", "rev-parse", "--short=12", "HEAD")}${dirty}; ${said("rustc", "--version")}, release profile`,
    `Stores: ${said(requireExecutable("postgres"), "--version")} (${Object.entries(rows[0] ?? {}).map(([name, value]) => `${name} ${value}`).join(", ")}); ${said(requireExecutable("redis-server"), "--version").split(" ").slice(0, 3).join(" ")}`,
    `node: Node ${process.versions.node}, socket.io ${nodeVersion("socket.io")}, @socket.io/redis-adapter ${nodeVersion("@socket.io/redis-adapter")}, pg ${nodeVersion("pg")}`,
    `socketioxide: ${lockedVersion(peers, "socketioxide")}, axum ${lockedVersion(peers, "axum")}, tokio-postgres ${lockedVersion(peers, "tokio-postgres")}`,
    `raw: actix-web ${lockedVersion(peers, "actix-web")}, actix-ws ${lockedVersion(peers, "actix-ws")}`,
  ];
}
