/** The balancers of `deploy/`, run in front of two gateways. */
import assert from "node:assert/strict";
import { after } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { Scene } from "../clients/scene.ts";
import { storiesOn } from "../clients/story.ts";
import type { Tab } from "../clients/tab.ts";
import { clientOptions, type Transport } from "../clients/transport.ts";
import type { Message } from "../clients/wire.ts";
import { startHaproxy } from "../stack/haproxy.ts";
import type { Program } from "../stack/program.ts";
import type { Redis } from "../stack/redis.ts";
import { waitUntil } from "../stack/wait-until.ts";

const TRANSPORTS: Transport[] = ["websocket", "polling", "upgrade"];
/** What a balancer may need to find an instance ready again: its period of checks, and a margin. */
const FOUND_WITHIN_MS = 5_000;

let haproxy: Promise<{ program: Program; url: string }> | undefined;
after(async () => (await haproxy?.catch(() => undefined))?.program.stop());

const balancers: Record<string, (scene: Scene) => Promise<string>> = {
  nginx: async ({ stack }) => stack.url,
  haproxy: async ({ stack }) => (await (haproxy ??= startHaproxy(stack))).url,
};

const outages: Record<string, { begin: (redis: Redis) => Promise<void>; end: (redis: Redis) => Promise<void> }> = {
  hangs: { begin: async (redis) => redis.freeze(), end: async (redis) => redis.thaw() },
  is_stopped: { begin: (redis) => redis.kill({ keeps: true }), end: (redis) => redis.start() },
};

// As many handshakes as a balancer passes on while an instance drains: what is counted here is where they go.
const story = storiesOn({ alone: true, env: { REALTIME_ACCEPT_RATE: "100000/100000" } });

/** Two users over each transport. */
async function meet(scene: Scene, url: string, acme: string): Promise<Tab[]> {
  const tabs = [];
  for (const transport of [...TRANSPORTS, ...TRANSPORTS]) tabs.push(await scene.memberAt(acme, "dm", undefined, { ...clientOptions(transport), url }));
  return tabs;
}

/** Everybody writes to their neighbour, who hears it. */
async function everybodyIsHeard(tabs: Tab[]): Promise<void> {
  const each = tabs.map(async (tab, n) => {
    const neighbour = tabs[(n + 1) % tabs.length]!;
    const { id } = await tab.send(neighbour.userId, "Hello");
    await neighbour.next<Message>("message:new", (message) => message.id === id);
  });
  await Promise.all(each);
}

async function handshake(url: string): Promise<number> {
  const response = await fetch(`${url}/realtime/?EIO=4&transport=polling`);
  await response.arrayBuffer();
  return response.status;
}

for (const [name, urlIn] of Object.entries(balancers)) {
  story(`${name}_carries_every_transport_to_both_gateways`, async (scene) => {
    const url = await urlIn(scene);
    const acme = await scene.tenant();
    const tabs = await meet(scene, url, acme);
    await everybodyIsHeard(tabs);
    const { transport } = tabs[0]!.socket.io.engine;
    assert.equal(transport.name, "websocket");
    assert.deepEqual(tabs.flatMap(({ disconnects }) => disconnects), []);
    const connections = await Promise.all(scene.stack.gateways.map(async ({ opsUrl }) => (await fetch(`${opsUrl}/metrics`)).text()));
    for (const page of connections) assert.match(page, /^realtime_connections\{.*\} [1-9]/m, "both have connections");
    const portal = await fetch(`${url}/healthz`);
    assert.equal(portal.status, 200, "everything else is the API's");
    assert.equal((await fetch(`${url}/realtime/panel.js`)).status, 200);
  });

  story(`${name}_sends_nobody_to_a_gateway_that_drains`, async (scene) => {
    const url = await urlIn(scene);
    const tabs = await meet(scene, url, await scene.tenant());
    const faults: string[] = [];
    for (const tab of tabs) tab.socket.io.on("reconnect_error", (error) => faults.push(error.message));
    const leaving = scene.stack.gateway(0);
    let isDraining = true;
    const ended = leaving.kill("SIGTERM").finally(() => (isDraining = false));
    const statuses: number[] = [];
    while (isDraining) statuses.push(await handshake(url));
    for (let n = 0; n < 10; n += 1) statuses.push(await handshake(url));
    assert.deepEqual(statuses.filter((status) => status !== 200), [], "every handshake found the other one");
    assert.deepEqual(await ended, { code: 0, signal: null });
    for (const tab of tabs) await tab.until("its return", () => tab.socket.connected);
    await everybodyIsHeard(tabs);
    assert.deepEqual(faults, [], "everybody came back at the first attempt");
    await leaving.restart();
    await waitUntil("the balancer to find it", async () => {
      await handshake(url);
      return /^realtime_handshakes_total\{/m.test(await (await fetch(`${leaving.opsUrl}/metrics`)).text());
    }, FOUND_WITHIN_MS);
  });

  for (const [how, outage] of Object.entries(outages)) {
    story(`behind_${name}_sockets_outlive_readiness_while_redis_${how}`, async (scene) => {
      const url = await urlIn(scene);
      const acme = await scene.tenant();
      const tabs = await meet(scene, url, acme);
      await everybodyIsHeard(tabs);
      const before = tabs.map(({ received }) => received.length);
      await outage.begin(scene.stack.redis);
      try {
        await waitUntil("handshakes to be refused", async () => (await handshake(url)) === 503);
        // Longer than two checks of the balancer and a ping: what would be cut has been cut.
        const until = Date.now() + 5_000;
        while (Date.now() < until) {
          await Promise.all(tabs.map((tab, n) => tab.send(tabs[(n + 1) % tabs.length]!.userId, "Still there")));
          assert.deepEqual(tabs.flatMap(({ disconnects }) => disconnects), []);
          await pause(300);
        }
      } finally {
        await outage.end(scene.stack.redis);
      }
      await waitUntil("handshakes", async () => (await handshake(url)) === 200, FOUND_WITHIN_MS + 5_000);
      // What was said before an instance listened again is told by `sync`.
      await Promise.all(tabs.map((tab, n) => tab.next("sync:required", () => true, before[n])));
      await everybodyIsHeard(tabs);
      assert.deepEqual(tabs.flatMap(({ disconnects }) => disconnects), []);
      await waitUntil("the API to have Redis again", async () => (await scene.logIn(tabs[0]!.login.account)).cookie !== "");
    });
  }
}
