import { setTimeout as pause } from "node:timers/promises";
import { StackError } from "./failure.ts";

const POLL_MS = 50;

/** Asks until the answer is neither undefined nor false; a question that throws counts as "not yet". */
export async function waitUntil<T>(what: string, ask: () => Promise<T | undefined | false>, withinMs = 30_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  let reason = "";
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      reason = "";
    } catch (error) {
      if (error instanceof StackError) throw error;
      reason = `: ${error instanceof Error ? error.message || error.name : String(error)}`;
    }
    if (Date.now() > deadline) throw new StackError(`${what} did not come about within ${withinMs / 1000} s${reason}`);
    await pause(POLL_MS);
  }
}
