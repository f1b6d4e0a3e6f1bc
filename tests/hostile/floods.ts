/** More handshakes than a gateway lets in, as fast as they go. */
import type { Attack } from "./attacks.ts";
import { asked, head, POLLING, upgradeHead, WEBSOCKET } from "./said.ts";

export type Flood = Attack & { outcome: string; refusal: string };

const refusal = "503 code unavailable";

export const FLOODS: Record<string, Flood> = {
  "handshakes by polling": { strike: ({ origin }) => asked(origin, head("GET", POLLING)), outcome: "200", refusal, atOnce: 8 },
  "handshakes by polling with a session": { strike: ({ origin, cookie }) => asked(origin, head("GET", POLLING, `cookie: ${cookie}`)), outcome: "200", refusal, atOnce: 8 },
  "handshakes by WebSocket": { strike: ({ origin }) => asked(origin, upgradeHead(WEBSOCKET)), outcome: "101", refusal, atOnce: 8 },
};
