import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { waitUntil } from "../stack/wait-until.ts";
import { FaultProxy } from "./fault-proxy.ts";

type Link = { proxy: FaultProxy; client: Socket; heard: () => string };

/** A client at a proxy before a server that says everything again. */
async function link(context: TestContext): Promise<Link> {
  const server = createServer((socket) => socket.on("error", () => {}).pipe(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy = await FaultProxy.to("127.0.0.1", (server.address() as AddressInfo).port);
  const client = connect(proxy.port, "127.0.0.1").on("error", () => {});
  await once(client, "connect");
  let heard = "";
  client.on("data", (bytes) => (heard += bytes));
  context.after(() => {
    client.destroy();
    proxy.close();
    server.close();
  });
  return { proxy, client, heard: () => heard };
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

async function hears({ heard }: Link, text: string): Promise<void> {
  await waitUntil(`hearing ${text}`, async () => heard() === text, 2_000);
}

/** Bytes that were sent to the proxy on this connection before have gone through it by then, or are kept. */
async function afterAnotherExchange({ proxy }: Link): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    const other = connect(proxy.port, "127.0.0.1").on("error", () => {});
    await once(other, "connect");
    other.destroy();
    await once(other, "close");
  }
}

test("it_passes_on_both_ways", async (context) => {
  const there = await link(context);
  there.client.write("hello");
  await hears(there, "hello");
});

test("what_is_held_comes_in_order_when_the_network_heals", async (context) => {
  for (const direction of ["there", "back"] as const) {
    const there = await link(context);
    there.proxy.holds.add(direction);
    there.client.write("one ");
    await afterAnotherExchange(there);
    there.client.write("two");
    await afterAnotherExchange(there);
    assert.equal(there.heard(), "");
    there.proxy.heal();
    await hears(there, "one two");
  }
});

test("what_lost_bytes_stays_open_and_is_reset_when_the_network_heals", async (context) => {
  for (const direction of ["there", "back"] as const) {
    const there = await link(context);
    there.proxy.loses.add(direction);
    there.client.write("gone");
    await afterAnotherExchange(there);
    assert.equal(there.heard(), "");
    assert.ok(!there.client.destroyed);
    // Nothing may be reset before the loss has happened, on the way back too.
    await waitUntil("the reset", async () => (there.proxy.heal(), there.proxy.loses.add(direction), there.client.write("x"), there.client.destroyed), 2_000);
  }
});

test("latency_delays_each_way", async (context) => {
  const there = await link(context);
  there.proxy.latencyMs = 60;
  const sentAt = Date.now();
  there.client.write("slow");
  await hears(there, "slow");
  assert.ok(Date.now() - sentAt >= 119);
});

test("a_lost_answer_means_that_the_request_was_done", async (context) => {
  const there = await link(context);
  there.proxy.resetsAtAnswerTo = "insert";
  there.client.write("select");
  await hears(there, "select");
  there.client.write("insert");
  await closed(there.client);
  assert.equal(there.heard(), "select");
  assert.equal(there.proxy.answersLost, 1);
});

test("who_is_refused_is_reset", async (context) => {
  const there = await link(context);
  there.proxy.refuses = true;
  const refused = connect(there.proxy.port, "127.0.0.1").on("error", () => {});
  await closed(refused);
  there.proxy.heal();
  there.client.write("still here");
  await hears(there, "still here");
});

test("it_counts_what_is_open", async (context) => {
  const there = await link(context);
  await waitUntil("one link", async () => there.proxy.connections === 1, 2_000);
  there.client.end();
  await waitUntil("no link", async () => there.proxy.connections === 0, 2_000);
});
