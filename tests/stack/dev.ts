/** `make dev`: the whole system under `.dev/`, until Ctrl-C. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { demoAccounts, demoPassword, demoTenants } from "../existing-api/src/demo-accounts.ts";
import { readDevSettings, type DevSettings } from "./dev-settings.ts";
import { StackError } from "./failure.ts";
import { freePort, isFree } from "./ports.ts";
import { repository } from "./repository.ts";
import { Stack } from "./stack.ts";

const USUAL_PORT = 8088;
const stateFolder = join(repository, ".dev");
const pidFile = join(stateFolder, "dev.pid");

/** One system a work tree: two would share a database folder. */
function claimStateFolder(): void {
  mkdirSync(stateFolder, { recursive: true });
  if (existsSync(pidFile)) {
    const pid = Number(readFileSync(pidFile, "utf8"));
    if (pid !== process.pid && isDevServer(pid)) {
      throw new StackError(`it already runs in this work tree (process ${pid}): stop it with Ctrl-C in its terminal, or kill ${pid}`);
    }
  }
  writeFileSync(pidFile, `${process.pid}\n`);
  process.once("exit", () => rmSync(pidFile, { force: true }));
}

function isDevServer(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("stack/dev.ts");
  } catch {
    return false;
  }
}

async function choosePort({ host, port }: DevSettings): Promise<number> {
  if (port === undefined) return (await isFree(USUAL_PORT, host)) ? USUAL_PORT : freePort();
  if (await isFree(port, host)) return port;
  throw new StackError(`port ${port} is in use: set another PORT in .env, or stop what listens there`);
}

function placeOf(tenantId: string | null): string {
  return demoTenants.find(({ id }) => id === tenantId)?.name ?? "platform staff";
}

function announce(stack: Stack, seconds: string): void {
  const { port } = new URL(stack.url);
  const logins = demoAccounts.map(({ email, name, tenantId }) => `    ${email.padEnd(22)} ${name.padEnd(14)} ${placeOf(tenantId)}`);
  console.log(`
  Portals    ${stack.url}          (ready in ${seconds} s)
  Logins     password "${demoPassword}"
${logins.join("\n")}
  Two people in one browser: cookies are kept by host, so the second one logs in at http://localhost:${port}

  Gateways   ${stack.gateways.map(({ url, opsUrl }) => `${url} (operators: ${opsUrl})`).join("\n             ")}
  Redis      ${stack.redis.url}
  Postgres   ${stack.databaseUrl}
  Logs       ${stack.logFolder}

  Ctrl-C stops everything; what was written stays in .dev/. The gateways' logs follow.
`);
}

/** Comes back with a reason to stop: a signal, or the end of a program that nobody stopped. */
function untilStopped(stack: Stack, signals: Promise<string>): Promise<string | StackError> {
  const ended = new Promise<StackError>((resolve) => stack.onUnexpectedEnd(resolve));
  return Promise.race([signals, ended]);
}

function firstSignal(): Promise<string> {
  return new Promise((resolve) => {
    // Stays in place, so that a second Ctrl-C does not cut the stop short and leave half a system behind.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve(signal));
  });
}

async function main(): Promise<void> {
  const startedAt = Date.now();
  const settings = readDevSettings(join(repository, ".env"), process.env);
  claimStateFolder();
  const port = await choosePort(settings);
  const signals = firstSignal();
  const stack = await Stack.start({
    stateFolder,
    port,
    host: settings.host,
    gateways: settings.gateways,
    directory: "api",
    env: { REALTIME_LOG_FORMAT: "text", ...settings.gatewayEnvironment },
    onProgress: (what) => console.log(`${what} …`),
  });
  announce(stack, ((Date.now() - startedAt) / 1000).toFixed(1));
  const logs = spawn("tail", ["-q", "-n", "0", "-F", ...stack.gateways.map(({ logFile }) => logFile)], {
    stdio: ["ignore", "inherit", "ignore"],
  });
  const reason = await untilStopped(stack, signals);
  console.log(reason instanceof StackError ? `\n${reason.message}\nstopping the rest …` : "\nstopping …");
  await stack.stop();
  logs.kill();
  console.log("stopped");
  process.exitCode = reason instanceof StackError ? 1 : 0;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof StackError ? `make dev: ${error.message}` : error);
  process.exitCode = 1;
}
