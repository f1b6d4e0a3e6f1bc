/** Runs a table of cases against the reference and the product. */
import { after, before, describe, it } from "node:test";
import { verify, type Outcome, type Trace } from "./outcome.ts";
import { settings, startProduct, startReference, type Mode, type Server } from "./server.ts";
import { Stalls } from "./stalls.ts";

export type Comparison = { name: string; outcome: Outcome; play: (server: Server) => Promise<Trace> };

/** So few that none has to wait for its turn longer than the heartbeat allows. */
const AT_ONCE = 6;
const CASE_WITHIN_MS = 30_000;
/** A case that the machine disturbed is played again: the long ones once. */
const AGAIN = 5;
const AGAIN_WITHIN_MS = 15_000;

export function compare(mode: Mode, comparisons: Comparison[]): void {
  const servers: Server[] = [];
  const stalls = new Stalls();
  /** Whether a play since then may have run into deadlines that are not its subject. */
  const watch = () => {
    const [since, before] = [performance.now(), stalls.count];
    return () => stalls.count !== before || performance.now() - since > settings.pingInterval;
  };
  before(async () => {
    servers.push(await startReference(mode), await startProduct(mode));
  });
  after(async () => {
    stalls.stop();
    for (const server of servers) await server.stop();
  });
  describe(`${mode}: the product and the reference`, { concurrency: AT_ONCE }, () => {
    for (const { name, outcome, play } of comparisons) {
      it(name, { timeout: CASE_WITHIN_MS, ...(outcome.kind === "todo" ? { todo: outcome.finding } : {}) }, async (context) => {
        const begun = performance.now();
        for (let again = 0; ; again += 1) {
          const isDisturbed = watch();
          try {
            const [reference, product] = await Promise.all(servers.map(play));
            return verify(outcome, reference ?? [], product ?? []);
          } catch (error) {
            if (!isDisturbed() || again === AGAIN || performance.now() - begun > AGAIN_WITHIN_MS) throw error;
            context.diagnostic(`${name} is played again: the machine stood still meanwhile`);
          }
        }
      });
    }
  });
}
