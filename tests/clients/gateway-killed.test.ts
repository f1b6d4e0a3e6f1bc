import assert from "node:assert/strict";
import { storiesOn } from "./story.ts";
import type { Tab } from "./tab.ts";
import type { Message, Sync } from "./wire.ts";

const story = storiesOn({ alone: true });

const LEASE_MS = 4_000;

/** The tabs that lost their link when the gateway went. */
async function lostOf(tabs: Tab[]): Promise<Tab[]> {
  const alive = await Promise.all(tabs.map((tab) => tab.isAlive()));
  return tabs.filter((_, at) => !alive[at]);
}

story("users_of_a_killed_gateway_are_offline_after_the_lease_once_unless_they_returned", async (scene) => {
  const acme = await scene.tenant();
  const [doomed, survivor] = [scene.stack.gateway(0), scene.stack.gateway(1)];
  const witness = await scene.memberAt(acme, "dashboard", "Witness", { url: survivor.url });
  // Through nginx, which spreads them over both gateways.
  const stayers: Tab[] = [];
  const returners: Tab[] = [];
  for (let n = 0; n < 4; n += 1) {
    stayers.push(await scene.memberAt(acme, "dm", `Stays away ${n}`, { reconnection: false }));
    stayers.push(await scene.memberAt(acme, "dm", `Stays away too ${n}`, { reconnection: false }));
    returners.push(await scene.memberAt(acme, "dashboard", `Returns ${n}`));
    returners.push(await scene.memberAt(acme, "dashboard", `Returns too ${n}`));
  }
  const everybody = [...stayers, ...returners];
  for (const tab of everybody) await witness.untilOnline(tab.userId);

  const before = witness.received.length;
  await doomed.kill("SIGKILL");
  const killedAt = Date.now();
  const [gone, back] = [await lostOf(stayers), await lostOf(returners)];
  assert.ok(gone.length > 0 && back.length > 0, `both gateways had users of both kinds (${gone.length} and ${back.length} lost)`);
  assert.ok(gone.length < stayers.length && back.length < returners.length, "the other gateway kept its users");
  for (const tab of back) await tab.until("its return", () => tab.payloads("session:ready").length === 2);

  for (const tab of gone) await witness.untilOffline(tab.userId);
  const tookMs = Date.now() - killedAt;
  assert.ok(tookMs > LEASE_MS - 1_500 && tookMs < LEASE_MS + 3_000, `offline after ${tookMs} ms, the lease is ${LEASE_MS} ms`);
  await scene.fence(witness);
  for (const tab of gone) assert.deepEqual(witness.announcements(tab.userId, before), ["offline"]);
  for (const tab of everybody.filter((one) => !gone.includes(one))) {
    assert.deepEqual(witness.announcements(tab.userId, before), [], "who stayed or returned is not mentioned");
  }
  // Survivors may have missed what the dead one had stored and not published.
  await witness.next("sync:required");
  await doomed.restart();
});

story("what_was_acked_by_a_gateway_that_is_killed_is_there_for_both_sides", async (scene) => {
  const acme = await scene.tenant();
  const [doomed, survivor] = [scene.stack.gateway(0), scene.stack.gateway(1)];
  const alice = await scene.memberAt(acme, "dashboard", "Alice", { url: doomed.url, reconnection: false });
  const bob = await scene.memberAt(acme, "dm", "Bob", { url: survivor.url });
  const acked: Message[] = [];
  let isLost = false;
  const sending = (async () => {
    for (let n = 0; !isLost; n += 1) {
      const message = await alice.send(bob.userId, `${n}`).catch(() => undefined);
      if (message) acked.push(message);
    }
  })();
  await bob.until("a few messages", () => bob.messages().length >= 5);
  await doomed.kill("SIGKILL");
  await alice.until("the loss of the link", () => alice.disconnects.length > 0);
  isLost = true;
  await sending;

  const again = await scene.open(alice.login, "dashboard");
  for (const tab of [again, bob]) {
    const { messages } = await tab.ask<Sync>("sync", { since: {} });
    const byId = new Map(messages.map((message) => [message.id, message]));
    for (const message of acked) assert.deepEqual(byId.get(message.id), message);
    assert.deepEqual(messages.map(({ seq }) => seq), messages.map((_, n) => n + 1));
  }
  await doomed.restart();
});
