/** A Redis that answers and refuses: what the gateways say and count is what the alerts and the runbook look for. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Scene } from "../clients/scene.ts";
import { repository } from "../stack/repository.ts";
import { waitUntil } from "../stack/wait-until.ts";
import { startRestrictedGateways, type RestrictedGateways } from "./restricted-gateways.ts";

const runbook = readFileSync(join(repository, "deploy/RUNBOOK.md"), "utf8");

let system: RestrictedGateways;
let scene: Scene;

before(async () => {
  system = await startRestrictedGateways();
  scene = new Scene(system.stack, "websocket");
});

after(async () => {
  scene?.close();
  await system?.stop();
});

type Refusal = { says: string; begin: string[]; end: string[] };

const refusals: Record<string, Refusal> = {
  is_a_replica: { says: "ReadOnly", begin: ["REPLICAOF", "127.0.0.1", "1"], end: ["REPLICAOF", "NO", "ONE"] },
  is_full: { says: "OOM", begin: ["CONFIG", "SET", "maxmemory", "1"], end: ["CONFIG", "SET", "maxmemory", "0"] },
  refuses_its_keys: { says: "NoPerm", begin: ["ACL", "SETUSER", "gateway", "resetkeys", "%R~sess:*"], end: ["ACL", "SETUSER", "gateway", "~rt:*"] },
};

/** What a gateway has logged since, where an expression fits. */
function logged(since: number, expected: RegExp): boolean {
  return expected.test(readFileSync(system.gateways[0]!.logFile, "utf8").slice(since));
}

async function unavailable(): Promise<number> {
  const page = await (await fetch(`${system.gateways[0]!.opsUrl}/metrics`)).text();
  return Number(/^realtime_connects_total\{namespace="\/tenant",outcome="unavailable"\} (\d+)$/m.exec(page)?.[1] ?? 0);
}

for (const [how, { says, begin, end }] of Object.entries(refusals)) {
  test(`a_redis_that_${how}_lets_nobody_in_and_the_alerts_metric_counts_it`, { timeout: 60_000 }, async () => {
    const { url, opsUrl, logFile } = system.gateways[0]!;
    const acme = await scene.tenant();
    const tab = await scene.memberAt(acme, "dm", "Alice", { url });
    const newcomer = await scene.logIn(await scene.member(acme));
    const [counted, since] = [await unavailable(), readFileSync(logFile, "utf8").length];
    await system.stack.redis.ask(...begin);
    try {
      assert.equal((await scene.refused(newcomer, "dm", { url })).data?.code, "unavailable");
      assert.equal(await unavailable(), counted + 1);
      assert.equal((await fetch(`${opsUrl}/readyz`)).status, 200, "which is why there is an alert of its own");
      assert.deepEqual(tab.disconnects, []);
      for (const message of ["presence could not be written", "a lease could not be renewed"]) {
        await waitUntil(message, async () => logged(since, new RegExp(`"${message}","error":"\\W*${says}\\b`)));
        assert.ok(runbook.replaceAll("\n", " ").includes(`\`${message}\``), message);
      }
      assert.ok(runbook.includes(`\`${says}\``), says);
    } finally {
      await system.stack.redis.ask(...end);
    }
    await scene.open(newcomer, "dm", { url });
  });
}

test("a_password_that_redis_does_not_take_is_told_in_the_runbooks_words", { timeout: 60_000 }, async () => {
  const { opsUrl, logFile } = system.gateways[0]!;
  const since = readFileSync(logFile, "utf8").length;
  await system.stack.redis.ask("ACL", "SETUSER", "gateway", "resetpass", ">another one");
  await system.stack.redis.ask("CLIENT", "KILL", "USER", "gateway");
  const words = "Password authentication failed";
  await waitUntil(words, async () => logged(since, new RegExp(`"bus subscriber lost its link","error":"${words}`)));
  await waitUntil("it not to be ready", async () => (await fetch(`${opsUrl}/readyz`)).status === 503);
  for (const text of [words, "bus subscriber lost its link"]) assert.ok(runbook.includes(`\`${text}\``), text);
});
