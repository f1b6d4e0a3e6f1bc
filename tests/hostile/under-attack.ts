/** Compares what acks take with and without an attack: in the same run, by turns, since the machine is shared. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Stack } from "../stack/stack.ts";
import { forgetPeak, panics, peakMegabytes, residentMegabytes } from "./gauges.ts";
import { median, p99, type Neighbours, type Window } from "./neighbours.ts";

const ROUNDS = 5;
const WINDOW_MS = 700;
const TIMES_MAX = 3;

export type Assault = { begin(): void | Promise<void>; pause(): void | Promise<void>; finish(): Promise<void> };

export type Bounds = {
  /** By how much a gateway's memory may grow at its peak. */
  growthMegabytes: number;
};

/** Leads an attack in rounds, and holds that neighbours, memory and log are what they were. */
export async function underAttack(context: TestContext, stack: Stack, neighbours: Neighbours, assault: Assault, { growthMegabytes }: Bounds): Promise<void> {
  const [calm, attacked]: [Window[], Window[]] = [[], []];
  const resident = stack.gateways.map(residentMegabytes);
  for (const gateway of stack.gateways) forgetPeak(gateway);
  for (let round = 0; round < ROUNDS; round += 1) {
    calm.push(await neighbours.window(WINDOW_MS));
    await assault.begin();
    attacked.push(await neighbours.window(WINDOW_MS));
    await assault.pause();
  }
  await assault.finish();

  const grown = stack.gateways.map((gateway, at) => peakMegabytes(gateway) - (resident[at] ?? 0));
  const [before, during] = [median(calm.map(p99)), median(attacked.map(p99))];
  const [calmAcks, attackedAcks] = [calm.flat().length, attacked.flat().length];
  const longest = (windows: Window[]) => Math.max(...windows.flat()).toFixed(0);
  context.diagnostic(
    `p99 ${before.toFixed(1)} → ${during.toFixed(1)} ms, longest ${longest(calm)} → ${longest(attacked)} ms, acks ${calmAcks} → ${attackedAcks}, peak memory + ${grown.map((size) => size.toFixed(1)).join(" and ")} MB`,
  );
  assert.deepEqual(neighbours.newlyHarmed(), [], "neighbours");
  assert.deepEqual(await panics(stack), [], "panics");
  assert.ok(during <= TIMES_MAX * before, `p99 of acks: ${before.toFixed(1)} → ${during.toFixed(1)} ms`);
  // An ack that hangs is one sample only: their number tells of it.
  assert.ok(attackedAcks * TIMES_MAX >= calmAcks, `acks: ${calmAcks} → ${attackedAcks}`);
  assert.ok(Math.max(...grown) <= growthMegabytes, `memory: + ${grown.map((size) => size.toFixed(1)).join(" and ")} MB`);
}
