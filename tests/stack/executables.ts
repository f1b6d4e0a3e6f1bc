import { accessSync, constants, readdirSync } from "node:fs";
import { join } from "node:path";
import { StackError } from "./failure.ts";

const debianPackages: Record<string, string> = {
  "redis-server": "redis-server",
  "redis-cli": "redis-tools",
  nginx: "nginx",
  haproxy: "haproxy",
  initdb: "postgresql",
  postgres: "postgresql",
  pgbouncer: "pgbouncer",
  promtool: "prometheus",
  chromium: "chromium",
  openssl: "openssl",
};

/** Debian keeps the server's programs out of PATH, one folder a version. */
function postgresFolders(): string[] {
  const root = "/usr/lib/postgresql";
  try {
    const versions = readdirSync(root).sort((a, b) => Number(b) - Number(a));
    return versions.map((version) => join(root, version, "bin"));
  } catch {
    return [];
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export function findExecutable(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(":").filter(Boolean), "/usr/local/sbin", "/usr/sbin", "/sbin", ...postgresFolders()];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

export function requireExecutable(name: string): string {
  const found = findExecutable(name);
  if (found) return found;
  throw new StackError(`${name} is not installed: apt-get install ${debianPackages[name] ?? name}`);
}
