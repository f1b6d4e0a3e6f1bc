/** The unit, and the environment that systemd makes of it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { deployFolder } from "./tool.ts";

export const unit = readFileSync(join(deployFolder, "systemd/realtime-gateway.service"), "utf8");

/** The values of a directive that may stand there several times, word by word. */
function words(directive: string): string[] {
  return [...unit.matchAll(new RegExp(`^${directive}=(.*)$`, "gm"))].flatMap(([, value]) => value!.split(" "));
}

function assignments(lines: string[]): [string, string][] {
  return lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]);
}

/**
 * With gateway.env.example as the file of settings, and the credentials in a folder. As systemd.exec(5) has it: files go over
 * `Environment=`, and `UnsetEnvironment=` comes last.
 */
export function environmentOfUnit(credentials: string): Record<string, string> {
  const example = readFileSync(join(deployFolder, "gateway.env.example"), "utf8").split("\n").filter((line) => /^\w+=/.test(line));
  const own = words("Environment").map((word) => word.replace("%d", credentials));
  const environment = Object.fromEntries([...assignments(own), ...assignments(example)]);
  for (const name of words("UnsetEnvironment")) delete environment[name];
  return environment;
}
