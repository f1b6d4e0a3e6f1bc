import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { waitUntil } from "../stack/wait-until.ts";
import { ATTEMPTS } from "./attempts.ts";
import { ask } from "./raw-polling.ts";
import { storiesOn } from "./story.ts";

const WAVES = 4;
const IN_A_WAVE = 500;
const AT_ONCE = 50;

const story = storiesOn({
  gateways: 1,
  alone: true,
  env: {
    REALTIME_ACCEPT_RATE: "10000/10000",
    REALTIME_MAX_CONNECTIONS: `${IN_A_WAVE}`,
    REALTIME_MAX_SOCKETS_PER_USER: `${IN_A_WAVE}`,
    REALTIME_CONNECT_TIMEOUT_MS: "5000",
    REALTIME_PING_INTERVAL_MS: "2500",
    REALTIME_PING_TIMEOUT_MS: "2500",
  },
});

/** Runs them all, a few at a time. */
async function spread<T, R>(items: T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const left = items.entries();
  const worker = async () => {
    for (const [at, item] of left) results[at] = await run(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

/** With another protocol version the answer differs for a connection that exists, and does it no harm. */
async function isKnown(origin: string, sid: string): Promise<boolean> {
  const { status, text } = await ask(`${origin}/realtime/?EIO=3&transport=polling&sid=${sid}`);
  assert.equal(status, 400);
  return (JSON.parse(text) as { code: number }).code !== 1;
}

/** TCP connections that a process of this machine holds at that port, in whatever state. */
function linksAt(port: string): number {
  const rows = readFileSync("/proc/net/tcp", "utf8").trim().split("\n").slice(1).map((row) => row.trim().split(/\s+/));
  const hexadecimal = `:${Number(port).toString(16).toUpperCase().padStart(4, "0")}`;
  const [listening, ownerless] = ["0A", "0"];
  return rows.filter(([, local, , state, , , , , , inode]) => local?.endsWith(hexadecimal) && state !== listening && inode !== ownerless).length;
}

function residentMegabytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

story(
  "two_thousand_half_open_connections_are_counted_back_to_zero",
  async (scene) => {
    const gateway = scene.stack.gateway(0);
    const { cookie } = await scene.logIn(await scene.member(await scene.tenant()));
    const kinds = Object.entries(ATTEMPTS);
    const megabytes: number[] = [];
    for (let wave = 1; wave <= WAVES; wave += 1) {
      const todo = Array.from({ length: IN_A_WAVE }, (_, n) => kinds[n % kinds.length]!);
      const opened = await spread(todo, async ([kind, attempt]) => ({ kind, sid: await attempt(gateway.url, cookie) }));
      // There is room for a wave and not for one more: the places of the wave before have all been given back.
      assert.equal((await ask(`${gateway.url}/realtime/?EIO=4&transport=polling`)).status, 503, `wave ${wave} is counted`);
      const known = async () => {
        const answers = await spread(opened, ({ sid }) => isKnown(gateway.url, sid));
        return opened.filter((_, at) => answers[at]).map(({ kind }) => kind);
      };
      assert.ok((await known()).length > 0);
      await waitUntil(`the end of wave ${wave}`, async () => {
        const left = await known();
        if (left.length > 0) throw new Error(`known still: ${[...new Set(left)].join("; ")}`);
        return true;
      });
      megabytes.push(residentMegabytes(gateway.pid));
    }
    await waitUntil("the end of every TCP connection", async () => {
      const left = linksAt(new URL(gateway.url).port);
      if (left > 0) throw new Error(`${left} are left`);
      return true;
    });
    const [afterFirst, afterLast] = [megabytes[0]!, megabytes.at(-1)!];
    assert.ok(afterLast < afterFirst + 15, `memory after each wave: ${megabytes.map((size) => size.toFixed(1)).join(", ")} MB`);

    // Somebody who means it gets in, and nothing is left over for the end to wait for.
    const bob = await scene.memberAt(await scene.tenant(), "dm", "Bob");
    bob.close();
    await gateway.kill("SIGTERM");
    assert.doesNotMatch(readFileSync(gateway.logFile, "utf8"), /did not end in time|panicked/);
    await gateway.restart();
  },
  { withinMs: 120_000 },
);
