/** A process of the API's dies while it waits for answers, and another one takes its place. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { storiesOn } from "./story.ts";

const story = storiesOn();

/** The least time that the adapter waits for an answer that does not come. */
const TIMED_OUT_MS = 3_000;

type Answers = { servers: number; sockets: string[]; hasRoom: boolean; acks: string[]; others: unknown[]; tookMs: number };

story("a_node_process_that_is_killed_while_it_asks_leaves_nothing_that_its_successor_would_wait_for", async (scene) => {
  const urls = scene.stack.gateways.map(({ url }) => url);
  const tenantId = await scene.tenant();
  const room = `tenant:${tenantId}`;
  const tabs = await Promise.all([0, 1, 2, 3].map((at) => scene.memberAt(tenantId, "dm", `Tab ${at}`, { url: urls[at % 2], reconnection: false })));
  for (const { socket } of tabs) socket.on("poll", (reply: (answer: unknown) => void) => reply(socket.id));

  const ids = (some: typeof tabs) => some.map(({ socket }) => socket.id ?? "none").sort();
  let present = tabs;
  for (const life of ["the first process", "its successor"]) {
    const [victim, ...rest] = present;
    assert.ok(victim);
    const expected = ids(present);
    const from = rest.map(({ received }) => received.length);
    const child = spawn(process.execPath, ["--import", "tsx", "clients/node-process.ts", scene.stack.redis.url, room, victim.socket.id ?? ""], {
      cwd: new URL("..", import.meta.url),
      stdio: ["ignore", "pipe", "inherit"],
      timeout: 30_000,
    });
    const exited = once(child, "exit");
    try {
      const [line] = (await once(createInterface(child.stdout), "line")) as [string];
      const { tookMs, ...answers } = JSON.parse(line) as Answers;
      // Both gateways and the process itself: the one before it is no longer counted.
      assert.deepEqual(answers, { servers: 3, sockets: expected, hasRoom: true, acks: expected, others: [null, null] }, life);
      assert.ok(tookMs < TIMED_OUT_MS, `${life}: ${tookMs} ms`);
      await victim.until("the end of a socket", () => victim.disconnects.length > 0);
      // The gateways wait for acks that nobody sends, on behalf of somebody who is no more.
      for (const [at, tab] of rest.entries()) await tab.next("silence", () => true, from[at]);
    } finally {
      child.kill("SIGKILL");
      await exited;
    }
    present = rest;
  }
  for (const tab of present) {
    assert.deepEqual(tab.disconnects, []);
    assert.ok(await tab.isAlive());
  }
});
