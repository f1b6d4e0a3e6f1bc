import { play, type Cases } from "./cases.ts";
import { compare } from "./compare.ts";
import { handshakes } from "./handshake.cases.ts";
import { heartbeats } from "./heartbeat.cases.ts";
import { pollings } from "./polling.cases.ts";
import { upgrades } from "./upgrade.cases.ts";
import { webSockets } from "./web-socket.cases.ts";

/** The slow ones first. */
const cases: Cases = { ...heartbeats, ...handshakes, ...pollings, ...webSockets, ...upgrades };

compare(
  "engineio",
  Object.entries(cases).map(([name, { play: steps, outcome }]) => ({ name, outcome, play: (server) => play(steps, server) })),
);
