/** What happens to gateways: they die, are deployed anew, or stand still for longer than their lease. */
import type { Stack } from "../../stack/stack.ts";
import type { Fault } from "../plan.ts";
import type { Mend } from "./begin.ts";

/** Stores come and go meanwhile, and being ready takes both. */
const READY_WITHIN_MS = 120_000;

type OfInstances = Extract<Fault, { gateway: number; kind: `gateway-${string}` }>;

export async function beginOfInstances(fault: OfInstances, stack: Stack): Promise<Mend> {
  const gateway = stack.gateway(fault.gateway);
  switch (fault.kind) {
    case "gateway-killed":
      await gateway.kill("SIGKILL");
      return () => gateway.restart(READY_WITHIN_MS);
    case "gateway-drained":
      await gateway.kill("SIGTERM");
      return () => gateway.restart(READY_WITHIN_MS);
    case "gateway-frozen":
      gateway.freeze();
      return async () => gateway.thaw();
  }
}
