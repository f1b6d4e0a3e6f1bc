/** Lets a fault begin; what comes back mends it. */
import type { Stack } from "../../stack/stack.ts";
import type { Fault } from "../plan.ts";
import { beginOfInstances } from "./instances.ts";
import { beginOfLinks, type Links } from "./links.ts";
import { beginOfStores } from "./stores.ts";

export type Mend = () => Promise<void>;

export async function begin(fault: Fault, stack: Stack, links: Links): Promise<Mend> {
  switch (fault.kind) {
    case "gateway-killed":
    case "gateway-drained":
    case "gateway-frozen":
      return beginOfInstances(fault, stack);
    case "redis-restarted":
    case "redis-hangs":
    case "postgres-restarted":
    case "postgres-hangs":
      return beginOfStores(fault, stack);
    default:
      return beginOfLinks(fault, links);
  }
}
