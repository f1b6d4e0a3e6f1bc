/** What happens to gateways: they die, are deployed anew, or stand still for longer than their lease. */
import type { Gateway } from "../../stack/gateway.ts";
import type { Stack } from "../../stack/stack.ts";
import type { Ledger } from "../ledger.ts";
import type { Fault } from "../plan.ts";
import type { Mend } from "./begin.ts";

/** Stores come and go meanwhile, and being ready takes both. */
const READY_WITHIN_MS = 120_000;

type OfInstances = Extract<Fault, { gateway: number; kind: `gateway-${string}` }>;

/** Ends a gateway by a signal, and notes how it ended. */
export async function endGateway(gateway: Gateway, told: "SIGKILL" | "SIGTERM", ledger: Ledger): Promise<void> {
  const { code, signal } = await gateway.kill(told);
  ledger.gatewayEndings.push({ gateway: gateway.name, told, code, how: `code ${code}, signal ${signal}` });
}

export async function beginOfInstances(fault: OfInstances, stack: Stack, ledger: Ledger): Promise<Mend> {
  const gateway = stack.gateway(fault.gateway);
  switch (fault.kind) {
    case "gateway-killed":
      await endGateway(gateway, "SIGKILL", ledger);
      return () => gateway.restart(READY_WITHIN_MS);
    case "gateway-drained":
      await endGateway(gateway, "SIGTERM", ledger);
      return () => gateway.restart(READY_WITHIN_MS);
    case "gateway-frozen":
      gateway.freeze();
      return async () => gateway.thaw();
  }
}
