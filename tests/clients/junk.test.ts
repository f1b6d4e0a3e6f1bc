/** What the stock packages say to the gateways, cut short, spoilt and blown up, on every channel that the gateways listen to. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Emitter } from "@socket.io/redis-emitter";
import { createClient } from "redis";
import { withEmitter, withNodeServer } from "./node-server.ts";
import { storiesOn } from "./story.ts";

const story = storiesOn();

const NAMESPACES = ["/tenant", "/manage"];
const HUGE = 1024 * 1024;
/** A gateway mentions junk at most once in ten seconds. */
const LOG_BYTES_MAX = 20_000;

type Said = { channel: string; payload: Buffer };

/** Everything that the stock emitter and a Node server with the stock adapter publish for somebody else than a Node server. */
async function overheard(redisUrl: string): Promise<Said[]> {
  const said: Said[] = [];
  const ear = await createClient({ url: redisUrl }).on("error", () => {}).connect();
  try {
    await ear.pSubscribe("socket.io*", (payload, channel) => said.push({ channel: channel.toString(), payload }), true);
    await withNodeServer(redisUrl, async (io) => {
      for (const name of NAMESPACES) {
        const space = io.of(name);
        space.emit("junk", "to all", Buffer.from([1, 2, 3]));
        space.to("a room of nobody").to("another").except("a third").emit("junk", { deep: [[{ er: null }]], at: new Date(0), n: 2 ** 40 });
        space.in("a room of nobody").socketsJoin(["x"]);
        space.in("a room of nobody").socketsLeave(["x"]);
        space.in("a room of nobody").disconnectSockets(true);
        await space.in("a room of nobody").fetchSockets();
        await (space.adapter as unknown as { allRooms(): Promise<unknown> }).allRooms();
        await space.timeout(1_000).to("a room of nobody").emitWithAck("junk", 1);
        await space.serverSideEmitWithAck("junk");
      }
    });
  } finally {
    await ear.close();
  }
  return said.filter(({ channel }) => !channel.includes("-response"));
}

/** Cut at every place. */
function cut({ channel, payload }: Said): Said[] {
  return Array.from({ length: payload.length }, (_, at) => ({ channel, payload: payload.subarray(0, at) }));
}

/** With a byte that is none of MessagePack's, JSON's or UTF-8's, at every place. Inside a text it may pass, with a replacement character. */
function spoilt({ channel, payload }: Said): Said[] {
  return Array.from({ length: payload.length }, (_, at) => ({ channel, payload: Buffer.concat([payload.subarray(0, at), Buffer.from([0xc1]), payload.subarray(at + 1)]) }));
}

function blownUp(): Buffer[] {
  return [
    randomBytes(HUGE),
    Buffer.alloc(HUGE, "["),
    Buffer.from(`{"type":2,"requestId":"${"x".repeat(HUGE)}"`),
    Buffer.from(JSON.stringify({ type: 2, requestId: "r", rooms: Array.from({ length: 100_000 }, (_, at) => at) })),
    // A string, an array and a map that are said to hold four thousand million.
    ...[0xdb, 0xdd, 0xdf].map((kind) => Buffer.concat([Buffer.from([0x93, 0xa1, 0x61, kind, 0xff, 0xff, 0xff, 0xff]), randomBytes(100)])),
  ];
}

/** Whole, and of the wrong shape. */
function misshapen(): Buffer[] {
  const requests = Array.from({ length: 12 }, (_, type) => type).flatMap((type) => [
    { type },
    { type: `${type}`, requestId: 7 },
    { type, requestId: null, opts: [], rooms: {}, packet: [] },
    { type, requestId: "r", uid: {}, opts: { rooms: [null, 7, {}], except: "all", flags: 1 }, rooms: [[]], close: "yes", packet: { nsp: 7, data: "x", type: "y" } },
    { type, requestId: "r".repeat(10_000), uid: "u", opts: { rooms: ["a room of nobody"], except: [] }, packet: { data: null }, data: [] },
  ]);
  return requests.map((request) => Buffer.from(JSON.stringify(request)));
}

story("spoilt_packets_of_the_stock_packages_hurt_nobody", async (scene) => {
  const tenantId = await scene.tenant();
  const urls = scene.stack.gateways.map(({ url }) => url);
  const tabs = [
    ...(await Promise.all(urls.map((url) => scene.memberAt(tenantId, "dm", undefined, { url })))),
    ...(await Promise.all(urls.map((url) => scene.staffAt(undefined, { url })))),
  ];
  const sizes = () => scene.stack.gateways.map(({ logFile }) => readFileSync(logFile).length);
  const packets = await overheard(scene.stack.redis.url);
  const channels = [...new Set(packets.map(({ channel }) => channel))];
  for (const name of NAMESPACES) {
    for (const channel of [`socket.io#${name}#`, `socket.io-request#${name}#`]) assert.ok(channels.includes(channel), `${channel} was used`);
  }
  const [before, received] = [sizes(), tabs.map((tab) => tab.payloads("junk").length)];
  const isDone = async (emitter: Emitter, what: string) => {
    for (const name of NAMESPACES) emitter.of(name).emit("fence", what);
    for (const tab of tabs) await tab.next("fence", (payload) => payload === what);
  };

  await withEmitter(scene.stack.redis.url, async (emitter, publish) => {
    const wrong = channels.flatMap((channel) => misshapen().map((payload) => ({ channel, payload })));
    for (const { channel, payload } of [...packets.flatMap(cut), ...wrong]) void publish(channel, payload);
    await isDone(emitter, "what is cut");
    for (const [index, tab] of tabs.entries()) assert.equal(tab.payloads("junk").length, received[index]);
    for (const { channel, payload } of packets.flatMap(spoilt)) void publish(channel, payload);
    await isDone(emitter, "what is spoilt");
    // Channel by channel: Redis cuts listeners for whom too much waits.
    for (const channel of channels) {
      for (const payload of blownUp()) await publish(channel, payload);
      await isDone(emitter, `what is blown up on ${channel}`);
    }
    for (const tab of tabs) {
      assert.deepEqual([tab.disconnects, tab.payloads("sync:required")], [[], []]);
      assert.ok(await tab.isAlive());
    }
  });
  for (const [index, size] of sizes().entries()) {
    const written = size - (before[index] ?? 0);
    assert.ok(written < LOG_BYTES_MAX, `gateway ${index + 1} wrote ${written} bytes about junk`);
  }
  await withNodeServer(scene.stack.redis.url, async (io) => {
    assert.equal((await io.of("/tenant").in(`tenant:${tenantId}`).fetchSockets()).length, urls.length);
    assert.deepEqual(await io.of("/manage").serverSideEmitWithAck("are you there"), [null, null]);
  });
});
