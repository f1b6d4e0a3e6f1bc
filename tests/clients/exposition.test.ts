/** What Prometheus finds at /metrics: nothing that its own checker dislikes, and nothing that the runbook does not explain. */
import assert from "node:assert/strict";
import { check } from "../deploy/files/tool.ts";
import { metricsOfRunbook } from "../deploy/files/runbook.ts";
import { storiesOn } from "./story.ts";

const story = storiesOn();

story("prometheus_finds_nothing_wrong_with_the_metrics_and_the_runbook_has_them_all", async (scene) => {
  const acme = await scene.tenant();
  const [first, second] = scene.stack.gateways.map(({ url }) => url);
  const alice = await scene.memberAt(acme, "dashboard", "Alice", { url: first });
  const bob = await scene.memberAt(acme, "dm", "Bob", { url: second });
  await alice.send(bob.userId, "hello");
  await bob.next("message:new");
  for (const { opsUrl } of scene.stack.gateways) {
    const page = await (await fetch(`${opsUrl}/metrics`)).text();
    assert.equal(check("promtool", ["check", "metrics"], { input: page }), "");
    const names = [...page.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name!);
    assert.ok(names.length > 10);
    const explained = metricsOfRunbook();
    assert.deepEqual(names.filter((name) => !explained.has(name)), []);
  }
});
