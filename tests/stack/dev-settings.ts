/** What a developer can set, in `.env` or in the environment, which wins: GATEWAYS, HOST, PORT, and the gateways' own REALTIME_*. */
import { existsSync, readFileSync } from "node:fs";
import { StackError } from "./failure.ts";

export type DevSettings = { gateways: number; host: string; port: number | undefined; gatewayEnvironment: Record<string, string> };

function readEnvFile(file: string): Record<string, string> {
  if (!existsSync(file)) return {};
  const entries: Record<string, string> = {};
  for (const [index, line] of readFileSync(file, "utf8").split("\n").entries()) {
    const text = line.trim();
    if (text === "" || text.startsWith("#")) continue;
    const match = /^(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)$/.exec(text);
    if (!match?.[1]) throw new StackError(`.env, line ${index + 1}: not of the form NAME=value`);
    entries[match[1]] = (match[2] ?? "").replace(/^(["'])(.*)\1$/, "$2");
  }
  return entries;
}

function wholeNumber(name: string, text: string | undefined, min: number, max: number): number | undefined {
  if (!text) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new StackError(`${name}=${text}: a whole number from ${min} to ${max} is needed`);
}

export function readDevSettings(envFile: string, environment: NodeJS.ProcessEnv): DevSettings {
  const settings: Record<string, string | undefined> = { ...readEnvFile(envFile), ...environment };
  const gatewayEnvironment: Record<string, string> = {};
  for (const [name, value] of Object.entries(settings)) {
    if (name.startsWith("REALTIME_") && value) gatewayEnvironment[name] = value;
  }
  return {
    gateways: wholeNumber("GATEWAYS", settings.GATEWAYS, 1, 16) ?? 2,
    host: settings.HOST || "127.0.0.1",
    port: wholeNumber("PORT", settings.PORT, 1, 65_535),
    gatewayEnvironment,
  };
}
