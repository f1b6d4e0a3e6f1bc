/** Compares what acks take with and without an attack: in the same run, by turns, since the machine is shared. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Stack } from "../stack/stack.ts";
import { forgetPeak, panics, peakMegabytes, residentMegabytes } from "./gauges.ts";
import { median, p99, type Neighbours, type Window } from "./neighbours.ts";

/** Short ones, so that a machine that stands still now and then spoils a few of them and not their median. */
const ROUNDS = 12;
const WINDOW_MS = 300;
const TIMES_MAX = 3;
/** What an attack costs it costs every time; what others on the machine cost, it does not. */
const GOES = 3;

export type Assault = { begin(): void | Promise<void>; pause(): void | Promise<void>; finish(): Promise<void> };

export type Bounds = {
  /** By how much a gateway's memory may grow at its peak. */
  growthMegabytes: number;
};

type Measured = { before: number; during: number; calmAcks: number; attackedAcks: number };

async function measure(context: TestContext, neighbours: Neighbours, assault: Assault): Promise<Measured> {
  const [calm, attacked]: [Window[], Window[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    calm.push(await neighbours.window(WINDOW_MS));
    await assault.begin();
    attacked.push(await neighbours.window(WINDOW_MS));
    await assault.pause();
  }
  await assault.finish();
  const interval = median(calm.flat());
  const [before, during] = [calm, attacked].map((windows) => median(windows.map((one) => p99(one, interval)))) as [number, number];
  const [calmAcks, attackedAcks] = [calm.flat().length, attacked.flat().length];
  const longest = (windows: Window[]) => Math.max(...windows.flat()).toFixed(0);
  context.diagnostic(`p99 ${before.toFixed(1)} → ${during.toFixed(1)} ms, longest ${longest(calm)} → ${longest(attacked)} ms, acks ${calmAcks} → ${attackedAcks}`);
  return { before, during, calmAcks, attackedAcks };
}

function isHarmless({ before, during, calmAcks, attackedAcks }: Measured): boolean {
  return during <= TIMES_MAX * before && attackedAcks * TIMES_MAX >= calmAcks;
}

/** Leads an attack in rounds, and holds that neighbours, memory and log are what they were. */
export async function underAttack(context: TestContext, stack: Stack, neighbours: Neighbours, assault: Assault, { growthMegabytes }: Bounds): Promise<void> {
  const resident = stack.gateways.map(residentMegabytes);
  for (const gateway of stack.gateways) forgetPeak(gateway);
  const measured: Measured[] = [];
  while (measured.length < GOES && !measured.some(isHarmless)) measured.push(await measure(context, neighbours, assault));

  const grown = stack.gateways.map((gateway, at) => peakMegabytes(gateway) - (resident[at] ?? 0));
  const memory = `peak memory + ${grown.map((size) => size.toFixed(1)).join(" and ")} MB`;
  context.diagnostic(memory);
  assert.deepEqual(neighbours.newlyHarmed(), [], "neighbours");
  assert.deepEqual(await panics(stack), [], "panics");
  assert.ok(measured.some(isHarmless), `acks are delayed: ${JSON.stringify(measured)}`);
  assert.ok(Math.max(...grown) <= growthMegabytes, memory);
}
