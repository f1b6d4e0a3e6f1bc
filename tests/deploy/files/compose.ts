/** The file of compose, as compose reads it. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { deployFolder } from "./tool.ts";

export type Service = {
  image?: string;
  command?: string[];
  environment?: Record<string, string>;
  volumes?: string[];
  depends_on?: string[] | Record<string, { condition: string }>;
  read_only?: boolean;
  stop_grace_period?: string;
  ports?: string[];
};
export type Compose = { services: Record<string, Service> };

export const composeFolder = join(deployFolder, "compose");

/** Merged, and without what serves only to be merged. */
export function compose(): Compose {
  const file = parse(readFileSync(join(composeFolder, "compose.yaml"), "utf8"), { merge: true }) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(file).filter(([name]) => !name.startsWith("x-"))) as Compose;
}

/** Runs what Redis' container does before it starts Redis: the command that it ends with, and the users that it wrote down. */
export function redisOf({ command, environment }: Service, folder: string): { command: string; aclfile: string } {
  const [shell, flag, script] = command ?? [];
  const aclfile = join(folder, "users.acl");
  const here = script!
    .replaceAll("$$", "$")
    .replaceAll("/gateway.acl.template", join(deployFolder, "redis/gateway.acl.template"))
    .replaceAll("/tmp/users.acl", aclfile)
    .replace("exec redis-server", "echo");
  const env = { PATH: process.env.PATH, ...environment };
  return { command: execFileSync(shell!, [flag!, here], { encoding: "utf8", env }), aclfile };
}
