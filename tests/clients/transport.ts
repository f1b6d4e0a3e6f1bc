/** The ways in which a stock client may reach the gateway. A story is told over one of them. */
import type { ManagerOptions } from "socket.io-client";

export type Transport = "websocket" | "polling" | "upgrade";

const OPTIONS: Record<Transport, Partial<ManagerOptions>> = {
  websocket: { transports: ["websocket"] },
  polling: { transports: ["polling"] },
  // What a client does that was told nothing: it polls, and changes to a WebSocket under way.
  upgrade: { transports: ["polling", "websocket"] },
};

export function clientOptions(transport: Transport): Partial<ManagerOptions> {
  return OPTIONS[transport];
}
