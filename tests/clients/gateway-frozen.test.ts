/** A gateway that stands still for longer than its lease, and what is left in Redis at the end. */
import assert from "node:assert/strict";
import { waitUntil } from "../stack/wait-until.ts";
import { storiesOn } from "./story.ts";
import type { Tab } from "./tab.ts";

const LEASE_MS = 4_000;
/** What the rules allow for the survivor to notice. */
const NOTICED_MS = 2_000;

const story = storiesOn({ alone: true });

story("users_of_a_frozen_gateway_are_offline_after_the_lease_once_and_back_when_it_goes_on", async (scene) => {
  const acme = await scene.tenant();
  const [frozen, survivor] = [scene.stack.gateway(0), scene.stack.gateway(1)];
  const witness = await scene.memberAt(acme, "dashboard", "Witness", { url: survivor.url });
  const at = async (name: string): Promise<Tab> => scene.memberAt(acme, "dm", name, { url: frozen.url });
  const [waiting, returning] = [await at("Waits"), await at("Returns elsewhere")];
  const both = await at("Is at both");
  for (const tab of [waiting, returning, both]) await witness.untilOnline(tab.userId);
  await scene.open(both.login, "dashboard", { url: survivor.url });
  await witness.until("both portals", () => witness.announcements(both.userId).includes("changed"));

  const before = witness.received.length;
  const own = waiting.received.length;
  frozen.freeze();
  const frozenAt = Date.now();
  await scene.open(returning.login, "dm", { url: survivor.url });
  await witness.until("the end of who waits", () => witness.announcements(waiting.userId, before).includes("offline"), LEASE_MS + NOTICED_MS + 1_000);
  const tookMs = Date.now() - frozenAt;
  assert.ok(tookMs > LEASE_MS - 1_500 && tookMs < LEASE_MS + NOTICED_MS, `offline after ${tookMs} ms, the lease is ${LEASE_MS} ms`);
  await witness.next("sync:required", () => true, before);

  frozen.thaw();
  await witness.until("the return of who waits", () => witness.announcements(waiting.userId, before).includes("online"));
  await waiting.next("sync:required", () => true, own);
  await scene.fence(witness);
  assert.deepEqual(witness.announcements(waiting.userId, before), ["offline", "online"]);
  assert.deepEqual(witness.announcements(returning.userId, before), [], "who returned is not mentioned");
  assert.deepEqual(witness.announcements(both.userId, before).filter((kind) => kind !== "changed"), [], "who was elsewhere, too, stays online");
  assert.deepEqual(waiting.announcements(waiting.userId, own), [], "nobody is told of their own end");
  assert.deepEqual(waiting.disconnects, []);
});

story("when_everybody_has_left_redis_holds_only_what_is_documented_and_all_of_it_expires", async (scene) => {
  const { redis } = scene.stack;
  const acme = await scene.tenant();
  const tabs = [await scene.staffAt()];
  for (const { url } of scene.stack.gateways) tabs.push(await scene.memberAt(acme, "dashboard", undefined, { url }), await scene.memberAt(acme, "dm", undefined, { url }));
  const documented = (id: string) => new RegExp(`^rt:({(${id}|@manage)}:(online|instances|grace|last|m:[\\w@-]+)|tenants|instance:[\\w-]+)$`);
  const own = async () => (await redis.ask<string[]>("KEYS", "rt:*")).sort();
  const others = (keys: string[]) => keys.filter((key) => !documented("t_\\w+").test(key));
  const held = await own();
  assert.deepEqual(others(held), []);
  assert.ok(held.includes(`rt:{${acme}}:online`) && held.includes("rt:{@manage}:online"), held.join(" "));
  for (const tab of tabs) tab.close();
  await waitUntil("nobody to be online", async () => !(await own()).some((key) => /:(online|instances|grace|m:.*)$/.test(key)), 20_000);
  const left = await own();
  assert.deepEqual(others(left), []);
  assert.deepEqual(left.filter((key) => !/^rt:({.*}:last|tenants|instance:.*)$/.test(key)), []);
  for (const key of left) assert.ok((await redis.ask<number>("PTTL", key)) > 0, `${key} expires`);
  assert.deepEqual((await redis.ask<string[]>("KEYS", "*")).filter((key) => !/^(rt:|sess:)/.test(key)), []);
  for (const gateway of scene.stack.gateways) await gateway.stop();
  await waitUntil("an empty Redis", async () => (await own()).length === 0, LEASE_MS * 6);
  for (const gateway of scene.stack.gateways) await gateway.restart();
});
