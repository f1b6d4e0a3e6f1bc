/**
 * A process of its own that strikes, so that what it costs to attack does not delay those who measure. It yields the processor to everybody
 * else: the machines of real attackers are their own.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import { ATTACKS, type Attack, type Target } from "./attacks.ts";
import { FLOODS } from "./floods.ts";

const KNOWN: Record<string, Attack> = { ...ATTACKS, ...FLOODS };

/** How often each outcome was seen. */
export type Tally = Record<string, number>;

type Order = { attack: string; targets: Target[] } | "pause" | "finish";

export class Attacker {
  private constructor(private readonly child: ChildProcess) {}

  static start(): Attacker {
    return new Attacker(fork(fileURLToPath(import.meta.url)));
  }

  /** Strikes at all targets in turn until it is told to pause. */
  begin(attack: string, targets: Target[]): void {
    this.#order({ attack, targets });
  }

  /** No new strikes; those under way go on. */
  pause(): void {
    this.#order("pause");
  }

  /** Comes back when the last strike has ended. */
  async finish(): Promise<Tally> {
    const answer = once(this.child, "message") as Promise<[Tally]>;
    this.#order("finish");
    return (await answer)[0];
  }

  stop(): void {
    this.child.kill();
  }

  #order(order: Order): void {
    this.child.send(order);
  }
}

function serve(): void {
  setPriority(19);
  let tally: Tally = {};
  /** Counts the orders: a strike that outlives its order is the last of its kind. */
  let order = 0;
  let strikes = 0;
  const underWay = new Set<Promise<void>>();
  const strikeOnce = async (attack: string, targets: Target[]) => {
    const target = targets[strikes++ % targets.length];
    const outcome = await KNOWN[attack]!.strike(target!).catch((error: Error) => `failed: ${error.message}`);
    tally[outcome] = (tally[outcome] ?? 0) + 1;
  };
  const keepStriking = async (attack: string, targets: Target[]) => {
    const mine = order;
    while (order === mine) await strikeOnce(attack, targets);
  };
  process.on("message", (told: Order) => {
    order += 1;
    if (told === "finish") {
      void Promise.all(underWay).then(() => {
        process.send?.(tally);
        tally = {};
      });
    } else if (told !== "pause") {
      for (let n = 0; n < KNOWN[told.attack]!.atOnce; n += 1) {
        const striking = keepStriking(told.attack, told.targets).finally(() => underWay.delete(striking));
        underWay.add(striking);
      }
    }
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) serve();
