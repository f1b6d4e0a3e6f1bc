/** Links that lead to nothing are given back, each kind of them, whatever little they say. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Stack } from "../stack/stack.ts";
import { waitUntil } from "../stack/wait-until.ts";
import { panics, series } from "./gauges.ts";
import { HALF_OPEN } from "./half-open.ts";

const LINKS = 200;
/** A gateway's own look at its stores, and ours at its metrics, come and go. */
const OWN = 3;
/** Time to join, a beat, and time to write, with room for a busy machine. */
const GIVEN_BACK_WITHIN_MS = 25_000;
const HELD = ["realtime_connections", "realtime_open_files", "realtime_tasks"];

const NO_DEADLINE = "a body that is chunked and was refused is read to its end, whenever that comes";
/** What is not given back yet, and why. */
const TODO: Record<string, string> = {
  "a POST that trickles through another gateway": "a body that is passed on may take its time",
  "a POST whose chunk trickles": NO_DEADLINE,
  "a refused POST whose chunk trickles": NO_DEADLINE,
};

const stack = await Stack.start({
  env: {
    REALTIME_ACCEPT_RATE: "1000000/1000000",
    REALTIME_CONNECT_TIMEOUT_MS: "4000",
    REALTIME_PING_INTERVAL_MS: "2500",
    REALTIME_PING_TIMEOUT_MS: "2500",
  },
});
after(() => stack.stop());

async function held(): Promise<number[]> {
  const all = await Promise.all(HELD.map((name) => Promise.all(stack.gateways.map((gateway) => series(gateway, name)))));
  return all.map((ones) => ones.reduce((sum, one) => sum + one, 0));
}

for (const [kind, open] of Object.entries(HALF_OPEN)) {
  const todo = TODO[kind];
  test(`${kind}: given back`, { timeout: 60_000, ...(todo === undefined ? {} : { todo }) }, async (context) => {
    const before = await held();
    const urls = stack.gateways.map(({ url }) => url);
    const places = Array.from({ length: LINKS }, (_, at) => ({ origin: urls[at % 2] ?? "", elsewhere: urls[(at + 1) % 2] ?? "" }));
    const from = Date.now();
    const links = await Promise.all(places.map(open));
    const during = await held();
    try {
      await waitUntil(
        "what was held to be given back",
        async () => {
          const now = await held();
          const left = HELD.filter((_, at) => (now[at] ?? 0) > (before[at] ?? 0) + OWN);
          if (left.length > 0) throw new Error(`${left.join(", ")}: ${before.join(", ")} → ${now.join(", ")}`);
          return true;
        },
        GIVEN_BACK_WITHIN_MS,
      );
      await Promise.all(links.map((link) => link.end()));
      context.diagnostic(`${HELD.join(", ")}: ${before.join(", ")} → ${during.join(", ")}, and back after ${Date.now() - from} ms`);
    } finally {
      for (const link of links) link.close();
    }
    assert.deepEqual(await panics(stack), []);
  });
}
