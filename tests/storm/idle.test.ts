/** What users cost Redis who do nothing. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { Redis } from "../stack/redis.ts";
import { Stack } from "../stack/stack.ts";
import { enter } from "./crowd.ts";
import { logInMany } from "./sessions.ts";

const USERS = 10_000;
const TENANTS = 100;
const ENTER_MS = 40_000;
const WATCHED_MS = 60_000;
/** Round trips: a script a tenant and instance in each heartbeat, a batch of 256 sessions in each recheck, and the rest. */
const CALLS_A_SECOND = 100;

const stack = await Stack.start({ env: { REALTIME_ACCEPT_RATE: "10000/10000" } });
after(() => stack.stop());

async function calls(redis: Redis): Promise<Map<string, number>> {
  const info = await redis.askAll(["INFO commandstats"]);
  return new Map([...info.matchAll(/cmdstat_([\w|]+):calls=(\d+)/g)].map(([, name, count]) => [name ?? "", Number(count)]));
}

test("ten_thousand_idle_users_in_a_hundred_tenants_cost_little", { timeout: 300_000 }, async (context) => {
  const tenants = Array.from({ length: TENANTS }, (_, at) => `t_idle${at}`);
  const users = await logInMany(stack.redis, USERS, tenants);
  const visitors = await enter(users, stack.gateways.map(({ url }) => url), ENTER_MS);
  // What joining has caused is over.
  await pause(5_000);
  const before = await calls(stack.redis);
  const from = Date.now();
  await pause(WATCHED_MS);
  const after = await calls(stack.redis);
  const seconds = (Date.now() - from) / 1_000;
  const rates = [...after].map(([name, count]) => ({ name, rate: (count - (before.get(name) ?? 0)) / seconds }));
  const busy = rates.filter(({ rate }) => rate >= 0.1).sort((a, b) => b.rate - a.rate);
  context.diagnostic(`commands a second: ${busy.map(({ name, rate }) => `${name} ${rate.toFixed(1)}`).join(", ")}`);
  const rate = (name: string) => rates.find((one) => one.name === name)?.rate ?? 0;
  assert.ok(rate("evalsha") + rate("mget") + rate("set") + rate("info") + rate("ping") < CALLS_A_SECOND, "round trips");
  // One short command a session and recheck, many in one round trip.
  assert.ok(rate("pttl") < (USERS / 12) * 1.2, "rechecks");
  assert.deepEqual(visitors.filter(({ ending }) => ending !== undefined), []);
  for (const visitor of visitors) visitor.close();
});
