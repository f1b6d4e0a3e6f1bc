/** Looks at the gateways' memory all the time: each process is compared with itself, as it was when it had settled in. */
import type { GatewayMemory } from "./ledger.ts";

const EVERY_MS = 1_000;
/** After its start a process fills its pools and caches, and clients come back to it. */
const SETTLES_IN_MS = 5_000;

export class MemoryWatch {
  readonly #seenAt = new Map<string, number>();
  readonly #first = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;

  /** `measure` answers the resident memory (MB) of each process that runs. */
  constructor(private readonly measure: () => Map<string, number>) {
    this.#timer = setInterval(() => this.#look(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Of the processes that run now and had settled in before. */
  compare(): GatewayMemory[] {
    return [...this.measure()].flatMap(([gateway, last]) => {
      const first = this.#first.get(gateway);
      return first === undefined ? [] : [{ gateway, first, last }];
    });
  }

  #look(): void {
    const now = Date.now();
    for (const [gateway, megabytes] of this.measure()) {
      const seenAt = this.#seenAt.get(gateway) ?? now;
      this.#seenAt.set(gateway, seenAt);
      if (now - seenAt >= SETTLES_IN_MS && !this.#first.has(gateway)) this.#first.set(gateway, megabytes);
    }
  }
}
