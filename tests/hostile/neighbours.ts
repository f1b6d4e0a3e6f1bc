/** Two members of a busy tenant who write to each other in a closed loop, through two gateways, and what an ack takes them. */
import { setTimeout as pause } from "node:timers/promises";
import { Writer } from "../measure/writer.ts";
import type { Stack } from "../stack/stack.ts";
import { enter, type Visitor } from "../storm/crowd.ts";
import { logInMany } from "../storm/sessions.ts";

const COLLEAGUES = 100;
const ENTER_MS = 1_000;

/** Milliseconds to the ack of everything that was acknowledged in one window of time. */
export type Window = number[];

/**
 * The 99th percentile of what users would have waited who write every `interval` ms, whatever became of their last message: a closed loop writes
 * nothing while it waits, and would count a second of standstill once.
 */
export function p99(latencies: Window, interval: number): number {
  const waited = latencies.flatMap((latency) => Array.from({ length: Math.max(1, Math.floor(latency / interval)) }, (_, at) => latency - at * interval));
  return waited.sort((a, b) => a - b)[Math.floor(waited.length * 0.99)] ?? Number.POSITIVE_INFINITY;
}

export function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

export class Neighbours {
  readonly #known = new Set<string>();

  private constructor(
    private readonly writers: Writer[],
    private readonly colleagues: Visitor[],
  ) {}

  static async enter(stack: Stack, tenantId: string): Promise<Neighbours> {
    const origins = stack.gateways.map(({ url }) => url);
    const colleagues = await enter(await logInMany(stack.redis, COLLEAGUES, [tenantId]), origins, ENTER_MS);
    const users = await logInMany(stack.redis, 2, [tenantId]);
    const writers = await Promise.all(users.map((user, at) => Writer.join(user, origins[at % origins.length] ?? "")));
    for (const [at, writer] of writers.entries()) writer.start(users[1 - at]?.id ?? "", 1);
    return new Neighbours(writers, colleagues);
  }

  /** What the acks of so many milliseconds took. */
  async window(ms: number): Promise<Window> {
    const from = this.writers.map(({ latencies }) => latencies.length);
    await pause(ms);
    return this.writers.flatMap(({ latencies }, at) => latencies.slice(from[at]));
  }

  /** Who lost a link or was refused something since this was asked last. */
  newlyHarmed(): string[] {
    const lost = [...this.writers, ...this.colleagues].flatMap(({ user, ending }) => (ending === undefined ? [] : [`${user.id}: ${ending}`]));
    const harmed = [...lost, ...this.writers.flatMap(({ refusals }) => refusals)];
    const newly = harmed.filter((one) => !this.#known.has(one));
    for (const one of newly) this.#known.add(one);
    return newly;
  }

  leave(): void {
    for (const one of [...this.writers, ...this.colleagues]) one.close();
  }
}
