/** A Node process of the API's with the stock Redis adapter, between two gateways. */
import assert from "node:assert/strict";
import { withNodeServer } from "./node-server.ts";
import type { Scene } from "./scene.ts";
import { storiesOn } from "./story.ts";
import type { Tab } from "./tab.ts";

const story = storiesOn();

/** Alice with a tab at each of two gateways, Bob with one. */
async function three(scene: Scene): Promise<{ tenantId: string; alice: Tab; elsewhere: Tab; bob: Tab; tabs: Tab[] }> {
  const [one, other] = scene.stack.gateways.map(({ url }) => url);
  const tenantId = await scene.tenant();
  const alice = await scene.memberAt(tenantId, "dashboard", "Alice", { url: one });
  const elsewhere = await scene.open(alice.login, "dm", { url: other });
  const bob = await scene.memberAt(tenantId, "dm", "Bob", { url: other });
  return { tenantId, alice, elsewhere, bob, tabs: [alice, elsewhere, bob] };
}

function ids(tabs: readonly { id?: string | undefined }[]): string[] {
  return tabs.map(({ id }) => id ?? "none").sort();
}

story("broadcasts_of_a_node_server_reach_the_sockets_that_they_are_for", async (scene) => {
  const { tenantId, alice, elsewhere, bob } = await three(scene);
  await withNodeServer(scene.stack.redisUrl, async (io) => {
    const tenant = io.of("/tenant");
    tenant.to(`tenant:${tenantId}`).except(`user:${bob.userId}`).emit("report", { bytes: Buffer.from([1, 2, 3]) });
    for (const tab of [alice, elsewhere]) assert.deepEqual(await tab.next("report"), { bytes: Buffer.from([1, 2, 3]) });
    tenant.to(bob.socket.id ?? "").emit("report", "for Bob");
    assert.equal(await bob.next("report"), "for Bob");
    assert.equal(bob.payloads("report").length, 1);
  });
});

story("the_stock_adapters_questions_are_answered_by_every_instance", async (scene) => {
  const { tenantId, alice, elsewhere, bob, tabs } = await three(scene);
  await withNodeServer(scene.stack.redisUrl, async (io) => {
    const tenant = io.of("/tenant");
    assert.equal(await tenant.adapter.serverCount(), 3);
    const found = await tenant.in(`tenant:${tenantId}`).fetchSockets();
    assert.deepEqual(ids(found), ids(tabs.map(({ socket }) => socket)));
    const text = JSON.stringify(found.map(({ id, handshake, rooms, data }) => ({ id, handshake, rooms: [...rooms], data })));
    for (const secret of [alice.login.cookie, "cookie", "portal"]) assert.ok(!text.includes(secret), `${secret} in ${text}`);
    assert.deepEqual(found.map(({ handshake: { headers, query, auth } }) => ({ headers, query, auth })), found.map(() => ({ headers: {}, query: {}, auth: {} })));

    const rooms = await (tenant.adapter as unknown as { allRooms(): Promise<Set<string>> }).allRooms();
    for (const room of [`user:${alice.userId}`, `user:${bob.userId}`, `tenant:${tenantId}`, elsewhere.socket.id ?? ""]) assert.ok(rooms.has(room), room);
    assert.deepEqual(await tenant.serverSideEmitWithAck("are you there"), [null, null]);
  });
});

story("every_client_acknowledges_an_event_of_a_node_server", async (scene) => {
  const { tenantId, alice, elsewhere, bob, tabs } = await three(scene);
  for (const [index, tab] of tabs.entries()) {
    tab.socket.on("poll", (question: string, reply: (answer: unknown) => void) => reply({ question, index, bytes: Buffer.from([index]) }));
    tab.socket.on("silence", (reply: () => void) => tab !== bob && reply());
  }
  await withNodeServer(scene.stack.redisUrl, async (io) => {
    const tenant = io.of("/tenant");
    const answers = (await tenant.timeout(3_000).to(`tenant:${tenantId}`).emitWithAck("poll", "lunch?")) as { index: number }[];
    assert.deepEqual(answers.sort((a, b) => a.index - b.index), tabs.map((_, index) => ({ question: "lunch?", index, bytes: Buffer.from([index]) })));

    const [remote] = await tenant.in(elsewhere.socket.id ?? "").fetchSockets();
    assert.deepEqual(await remote?.timeout(3_000).emitWithAck("poll", "you?"), { question: "you?", index: 1, bytes: Buffer.from([1]) });
    assert.deepEqual(await tenant.timeout(3_000).to("a room of nobody").emitWithAck("poll", "?"), []);

    // One stays silent: the others' answers are there when the time is over.
    await assert.rejects(tenant.timeout(500).to(`tenant:${tenantId}`).emitWithAck("silence"), { responses: [null, null] });

    // Far more acks than a client may send unasked.
    for (let round = 0; round < 120; round += 1) await tenant.timeout(3_000).to(`user:${alice.userId}`).emitWithAck("poll", `${round}`);
    assert.deepEqual(tabs.map(({ disconnects }) => disconnects), [[], [], []]);
  });
});

story("a_node_server_ends_sockets_and_moves_them_through_its_own_rooms", async (scene) => {
  const { tenantId, alice, elsewhere, bob } = await three(scene);
  await withNodeServer(scene.stack.redisUrl, async (io) => {
    const tenant = io.of("/tenant");
    tenant.in(`user:${alice.userId}`).socketsJoin(["editors", "manage", `user:${bob.userId}`]);
    tenant.to("editors").emit("edit", 1);
    for (const tab of [alice, elsewhere]) assert.equal(await tab.next("edit"), 1);
    tenant.in(alice.socket.id ?? "").socketsLeave(["editors", `tenant:${tenantId}`]);
    tenant.to("editors").emit("edit", 2);
    assert.equal(await elsewhere.next("edit", (payload) => payload === 2), 2);
    tenant.to(`user:${bob.userId}`).emit("private", "Bob's");
    assert.equal(await bob.next("private"), "Bob's");
    tenant.to(`tenant:${tenantId}`).emit("fence", 0);
    for (const tab of [alice, elsewhere, bob]) await tab.next("fence");
    assert.deepEqual([alice.payloads("edit"), alice.payloads("private"), elsewhere.payloads("private")], [[1], [], []]);

    tenant.in(`user:${bob.userId}`).disconnectSockets();
    await bob.until("the end of Bob's socket", () => bob.disconnects.length > 0);
    assert.deepEqual(bob.disconnects, ["io server disconnect"]);
    assert.ok(await alice.isAlive());
  });
});
