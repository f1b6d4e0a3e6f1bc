/** The settings that the unit, compose and the manifests hand out, on the programs that read them. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Login } from "../../clients/login.ts";
import { Scene } from "../../clients/scene.ts";
import { startExistingApi } from "../../stack/existing-api.ts";
import { Gateway, gatewayCommand, type GatewayEnvironment } from "../../stack/gateway.ts";
import { freePort } from "../../stack/ports.ts";
import { Stack } from "../../stack/stack.ts";
import { runFile, urlAs } from "../restricted-gateways.ts";
import { compose, redisOf } from "./compose.ts";
import { environmentOfPod } from "./manifests.ts";
import { environmentOfUnit } from "./unit.ts";

const { services } = compose();

const folder = mkdtempSync(join(tmpdir(), "realtime-settings-"));
let stack: Stack;

before(async () => {
  const { aclfile } = redisOf(services.redis!, folder);
  stack = await Stack.start({ gateways: 0, redis: { aclfile, "notify-keyspace-events": "Kg$x" } });
  await runFile("postgres/roles.sql", stack.databaseUrl);
  await runFile("compose/logins.sql", stack.databaseUrl);
  await gatewayCommand(["migrate"], here(services.migrate!.environment!));
  await runFile("postgres/writer_role.sql", urlAs("realtime_owner", stack.databaseUrl));
  const { DATABASE_URL, REDIS_URL, REALTIME_SESSION_SECRET } = here(services["gateway-1"]!.environment!);
  const secrets = { "database-url": DATABASE_URL, "redis-url": REDIS_URL, "session-secret": REALTIME_SESSION_SECRET };
  for (const [name, content] of Object.entries(secrets)) writeFileSync(join(folder, name), `${content}\n`);
});

after(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** With the addresses of our Redis and Postgres in place of the containers'. */
function here(environment: GatewayEnvironment): GatewayEnvironment {
  const [redis, postgres] = [new URL(stack.redis.url), new URL(stack.databaseUrl)];
  const moved = ([name, value]: [string, string]) => {
    const place = { "redis:6379": redis.host, "postgres:5432": postgres.host };
    const text = Object.entries(place).reduce((text, [from, to]) => text.replace(`@${from}`, `@${to}`), value);
    return [name, name === "DATABASE_URL" ? text.replace(/[^/]+$/, postgres.pathname.slice(1)) : text];
  };
  return Object.fromEntries(Object.entries(environment).map((entry) => moved(entry)));
}

/** `check` ends well: it understands every setting, and is let into both stores with all that it needs. */
async function isAccepted(environment: GatewayEnvironment): Promise<string> {
  return gatewayCommand(["check"], environment);
}

test("the_unit_starts_with_the_example_of_all_settings", async () => {
  const said = await isAccepted(environmentOfUnit(folder));
  assert.match(said, new RegExp(`^REDIS_URL=redis://gateway:.*@127\\.0\\.0\\.1:${stack.redis.port}`, "m"), "the credential's, not the example's");
});

test("the_pods_settings_are_accepted", async () => {
  const said = await isAccepted(environmentOfPod(folder));
  assert.match(said, /^REALTIME_OPS_BIND=0\.0\.0\.0:9090$/m);
});

test("what_composes_api_signs_composes_gateways_accept", { timeout: 60_000 }, async (context) => {
  const environments = ["gateway-1", "gateway-2"].map((name) => here(services[name]!.environment!));
  for (const environment of environments) await isAccepted(environment);

  const sessionSecret = services["existing-api"]!.environment!.SESSION_SECRET!;
  const api = await startExistingApi({ databaseUrl: stack.databaseUrl, redisUrl: stack.redis.url, sessionSecret }, stack.logFolder);
  context.after(() => api.program.stop());
  const place = { name: "gateway-1", logFolder: stack.logFolder, port: await freePort(), opsPort: await freePort() };
  const gateway = await Gateway.start({ ...place, env: { ...environments[0]!, REALTIME_DRAIN_SECS: "1" } });
  context.after(() => gateway.stop());
  const scene = new Scene(stack, "websocket");
  context.after(() => scene.close());
  const login = await Login.as(await scene.member(await scene.tenant()), api.url);
  await scene.open(login, "dm", { url: gateway.url });
});
