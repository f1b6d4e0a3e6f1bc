/** The stand-in of the existing API: a package of its own, of which nothing is known here but its scripts and settings. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { StackError } from "./failure.ts";
import { freePort } from "./ports.ts";
import { Program } from "./program.ts";
import { repository } from "./repository.ts";

const folder = join(repository, "tests/existing-api");

export type ExistingApiSettings = { databaseUrl: string; redisUrl: string; sessionSecret: string };

function environmentOf({ databaseUrl, redisUrl, sessionSecret }: ExistingApiSettings): Record<string, string> {
  return { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, SESSION_SECRET: sessionSecret };
}

function script(name: string, file: string, logFolder: string, env: Record<string, string>) {
  return { name, command: process.execPath, args: ["--import", "tsx", file], cwd: folder, logFolder, env };
}

export async function prepareExistingApi(settings: ExistingApiSettings, logFolder: string): Promise<void> {
  if (!existsSync(join(folder, "node_modules")) || !existsSync(join(folder, "generated"))) {
    throw new StackError("tests/existing-api is not installed: make install");
  }
  const env = environmentOf(settings);
  await Program.run(script("existing-api-migrate", "prisma/migrate.ts", logFolder, env));
  await Program.run(script("existing-api-seed", "prisma/seed.ts", logFolder, env));
}

export async function startExistingApi(settings: ExistingApiSettings, logFolder: string): Promise<{ program: Program; url: string }> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const program = await Program.start({
    ...script("existing-api", "src/server.ts", logFolder, { ...environmentOf(settings), HOST: "127.0.0.1", PORT: `${port}` }),
    isReady: async () => (await fetch(`${url}/healthz`)).ok,
  });
  return { program, url };
}
