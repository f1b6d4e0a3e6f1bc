/** What happens between one gateway and a store. */
import type { Store } from "../../stack/stack.ts";
import type { FaultProxy } from "../fault-proxy.ts";
import type { Fault } from "../plan.ts";
import { SAYS } from "../user.ts";
import type { Mend } from "./begin.ts";

type OfLinks = Extract<Fault, { kind: "partition" | "latency" | "resets" | "refusals" | "commit-reset" }>;

/** The proxy between a gateway (by number) and a store. */
export type Links = (store: Store, gateway: number) => FaultProxy;

export function beginOfLinks(fault: OfLinks, links: Links): Mend {
  const link = links(fault.kind === "commit-reset" ? "postgres" : fault.store, fault.gateway);
  switch (fault.kind) {
    case "partition":
      for (const direction of fault.directions) (fault.loses ? link.loses : link.holds).add(direction);
      break;
    case "latency":
      link.latencyMs = fault.latencyMs;
      break;
    case "resets":
      link.reset();
      break;
    case "refusals":
      link.refuses = true;
      link.reset();
      break;
    case "commit-reset":
      link.resetsAtAnswerTo = SAYS;
      break;
  }
  return async () => link.heal();
}
