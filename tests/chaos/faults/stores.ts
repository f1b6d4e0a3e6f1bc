/** What happens to Redis and Postgres themselves: they are restarted, with what they held or empty, or hang. */
import { setTimeout as pause } from "node:timers/promises";
import type { Stack } from "../../stack/stack.ts";
import type { Fault } from "../plan.ts";
import type { Mend } from "./begin.ts";

type OfStores = Extract<Fault, { kind: "redis-restarted" | "redis-hangs" | "postgres-restarted" | "postgres-hangs" }>;

export async function beginOfStores(fault: OfStores, stack: Stack): Promise<Mend> {
  switch (fault.kind) {
    case "redis-restarted":
      await stack.redis.kill({ keeps: fault.keeps });
      return () => stack.redis.start();
    case "postgres-restarted":
      await stack.postgres.stop();
      return () => stack.startPostgresAgain();
    case "redis-hangs":
      stack.redis.freeze();
      return async () => stack.redis.thaw();
    case "postgres-hangs":
      stack.postgres.freeze();
      return async () => {
        stack.postgres.thaw();
        // What waited in its queue is done first.
        await pause(100);
      };
  }
}
