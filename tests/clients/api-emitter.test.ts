/** The API's processes with the stock emitter, which only speak; and others that speak nonsense on the same channels. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { withEmitter, withNodeServer } from "./node-server.ts";
import { storiesOn } from "./story.ts";

const story = storiesOn();

story("the_stock_emitter_reaches_rooms_moves_sockets_and_ends_them", async (scene) => {
  const tenantId = await scene.tenant();
  const urls = scene.stack.gateways.map(({ url }) => url);
  const alice = await scene.memberAt(tenantId, "dashboard", "Alice", { url: urls[0] });
  const bob = await scene.memberAt(tenantId, "dm", "Bob", { url: urls[1] });
  await withEmitter(scene.stack.redisUrl, async (emitter) => {
    const tenant = emitter.of("/tenant");
    tenant.to(`user:${alice.userId}`).to(`user:${bob.userId}`).except(bob.socket.id ?? "").emit("note", 1);
    // Volatile is what may be left out where something else still waits.
    await alice.next("note", (payload) => payload === 1);
    tenant.volatile.to(`tenant:${tenantId}`).emit("note", 2);
    tenant.to(bob.socket.id ?? "").emit("note", Buffer.from([9]), new Date(0));
    assert.deepEqual(await bob.next("note", Buffer.isBuffer), Buffer.from([9]));
    tenant.in(`user:${alice.userId}`).socketsJoin("editors");
    tenant.to("editors").emit("note", 3);
    tenant.in("editors").socketsLeave("editors");
    tenant.to("editors").emit("note", 4);
    tenant.serverSideEmit("for servers only", { of: "no concern" });
    tenant.to(`tenant:${tenantId}`).emit("note", 5);
    await alice.next("note", (payload) => payload === 5);
    await bob.next("note", (payload) => payload === 5);
    assert.deepEqual(alice.payloads("note"), [1, 2, 3, 5]);
    assert.deepEqual(bob.payloads("note"), [2, Buffer.from([9]), 5]);

    tenant.in(`user:${alice.userId}`).disconnectSockets(true);
    await alice.until("the end of Alice's link", () => alice.disconnects.length > 0);
    assert.ok(await bob.isAlive());
  });
});

story("junk_on_the_apis_channels_hurts_nobody", async (scene) => {
  const tenantId = await scene.tenant();
  const tabs = await Promise.all(scene.stack.gateways.map(({ url }) => scene.memberAt(tenantId, "dm", undefined, { url })));
  const room = `tenant:${tenantId}`;
  await withEmitter(scene.stack.redisUrl, async (emitter, publish) => {
    const deep = Buffer.concat([Buffer.alloc(200_000, 0x91), Buffer.from([0xc0])]);
    const junk = [
      Buffer.alloc(0),
      Buffer.from("{"),
      Buffer.from("[]"),
      Buffer.from("{".repeat(100_000)),
      Buffer.from('{"type":"5"}'),
      Buffer.from('{"type":7,"requestId":"r","packet":3}'),
      Buffer.from('{"type":2,"opts":7,"rooms":[[]]}'),
      Buffer.from('{"type":4,"opts":{"rooms":"all"}}'),
      Buffer.from('{"type":99,"requestId":"x"}'),
      Buffer.from([0xdf, 0xff, 0xff, 0xff, 0xff]),
      Buffer.from([0x93, 0xa1, 0x61, 0x80, 0x80]),
      deep,
      ...Array.from({ length: 200 }, () => randomBytes(64)),
    ];
    const before = scene.stack.gateways.map(({ logFile }) => readFileSync(logFile).length);
    for (const payload of junk) {
      for (const channel of ["socket.io#/tenant#", `socket.io#/tenant#${room}#`, "socket.io-request#/tenant#"]) await publish(channel, payload);
    }
    // More attachments than a stock client takes.
    emitter.of("/tenant").to(room).emit("junk", ...Array.from({ length: 11 }, () => Buffer.from([1])));
    emitter.of("/tenant").to(room).emit("fence", 1);
    for (const tab of tabs) {
      await tab.next("fence");
      assert.deepEqual([tab.disconnects, tab.payloads("junk")], [[], []]);
      assert.ok(await tab.isAlive());
    }
    for (const [index, { name, logFile }] of scene.stack.gateways.entries()) {
      const written = readFileSync(logFile).length - (before[index] ?? 0);
      assert.ok(written < 20_000, `${name} wrote ${written} bytes about junk`);
    }
  });
  await withNodeServer(scene.stack.redisUrl, async (io) => {
    assert.equal((await io.of("/tenant").in(room).fetchSockets()).length, tabs.length);
  });
});
