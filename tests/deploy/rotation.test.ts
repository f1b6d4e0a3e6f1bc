/** The session secret is changed as the runbook says: no step logs anybody out, and polls are passed on between all steps. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Login } from "../clients/login.ts";
import { PollingLink } from "../clients/polling-link.ts";
import { Scene } from "../clients/scene.ts";
import { startExistingApi } from "../stack/existing-api.ts";
import { Gateway, migrateGateway, type Place } from "../stack/gateway.ts";
import { SESSION_SECRET, Stack } from "../stack/stack.ts";
import { placesIn, stopAll } from "./gateways.ts";

const [OLD, NEW] = [SESSION_SECRET, "the next secret that everybody may know: tests only"];

let stack: Stack;
let scene: Scene;
let places: Place[] = [];
const gateways: Gateway[] = [];

before(async () => {
  stack = await Stack.start({ gateways: 0 });
  places = await placesIn(stack, ["gateway-1", "gateway-2"], { REDIS_URL: stack.redis.url, DATABASE_URL: stack.databaseUrl });
  await migrateGateway(stack.logFolder, places[0]!.env);
  for (const place of places) gateways.push(await Gateway.start(place));
  scene = new Scene(stack, "websocket");
});

after(async () => {
  scene?.close();
  await stopAll(gateways);
  await stack?.stop();
});

async function everyGatewayTakes(login: Login): Promise<void> {
  for (const { url } of gateways) (await scene.open(login, "dm", { url })).close();
}

/** A poll for a connection of each that reaches the other one. */
async function pollsArePassedOn(login: Login): Promise<void> {
  for (const [owner, other] of [[0, 1], [1, 0]] as const) {
    const link = await PollingLink.open(gateways[owner]!.url, login);
    assert.equal((await link.post(gateways[other]!.url, '40/tenant,{"portal":"dm"}')).body, "ok", `of ${gateways[owner]!.name}`);
    assert.equal((await link.poll(gateways[other]!.url)).status, 200);
    await link.post(gateways[other]!.url, "1");
  }
}

/** How secrets are handed to a gateway: a comma between them, or a line each. */
const forms: Record<string, (secrets: string[]) => Record<string, string>> = {
  variable: (secrets) => ({ REALTIME_SESSION_SECRET: secrets.join(",") }),
  file: (secrets) => {
    const file = join(stack.stateFolder, "session-secret");
    writeFileSync(file, secrets.map((secret) => `${secret}\n`).join(""));
    return { REALTIME_SESSION_SECRET: "", REALTIME_SESSION_SECRET_FILE: file };
  },
};

/** One instance after the other, with users coming in between. */
async function roll(settings: Record<string, string>, logins: Login[]): Promise<void> {
  for (const [index, gateway] of gateways.entries()) {
    await gateway.kill("SIGTERM");
    gateways[index] = await Gateway.start({ ...places[index]!, env: { ...places[index]!.env, ...settings } });
    for (const login of logins) {
      await everyGatewayTakes(login);
      await pollsArePassedOn(login);
    }
  }
}

for (const [form, handedOver] of Object.entries(forms)) {
  test(`a_session_secret_is_rotated_by_${form}_and_nobody_is_logged_out`, { timeout: 120_000 }, async () => {
    await roll(handedOver([OLD]), []);
    const acme = await scene.tenant();
    const early = await scene.logIn(await scene.member(acme));
    await roll(handedOver([OLD, NEW]), [early]);

    const { url, program } = await startExistingApi({ databaseUrl: stack.databaseUrl, redisUrl: stack.redis.url, sessionSecret: `${NEW},${OLD}` }, stack.logFolder);
    const late = await Login.as(await scene.member(acme), url).finally(() => program.stop());
    await everyGatewayTakes(late);
    await roll(handedOver([NEW, OLD]), [early, late]);
    await roll(handedOver([NEW]), [late]);
    for (const gateway of gateways) {
      const refusal = await scene.refused(early, "dm", { url: gateway.url });
      assert.equal(refusal.data?.code, "unauthorized", "the old secret is over");
    }
  });
}

test("two_secrets_on_one_line_of_a_file_are_one_that_nobody_signs_with", { timeout: 30_000 }, async () => {
  await roll(forms.file!([`${OLD},${NEW}`]), []);
  const login = await scene.logIn(await scene.member(await scene.tenant()));
  for (const { url } of gateways) assert.equal((await scene.refused(login, "dm", { url })).data?.code, "unauthorized");
});
