import { binaries } from "./binary.cases.ts";
import { compare } from "./compare.ts";
import { connects } from "./connect.cases.ts";
import { play, type Conversations } from "./conversation.ts";
import { acks, events } from "./event.cases.ts";
import type { Carrier } from "./link.ts";

/** The slow ones first. */
const conversations: Conversations = { ...connects, ...events, ...acks, ...binaries };
const BOTH: Carrier[] = ["websocket", "polling"];

compare(
  "socketio",
  Object.entries(conversations).flatMap(([name, { says, outcome, over }]) =>
    (over ?? BOTH).map((carrier) => ({ name: `${name}_by_${carrier}`, outcome, play: (server) => play(says, carrier, server) })),
  ),
);
