/** The table of Engine.IO cases, and how one is played. */
import type { Outcome, Trace } from "./outcome.ts";
import { Peer } from "./peer.ts";
import type { Server } from "./server.ts";
import type { Step } from "./steps.ts";

export type Case = { play: Step[]; outcome: Outcome };
/** By name: a sentence. */
export type Cases = Record<string, Case>;

/** Plays a case; what a next request with the sid gives is always a part of it. */
export async function play(steps: Step[], server: Server): Promise<Trace> {
  const peer = new Peer(server);
  try {
    for (const step of steps) await step(peer);
    await peer.tellNext();
    return peer.trace;
  } catch (error) {
    throw new Error(`after ${peer.trace.join("\n")}`, { cause: error });
  } finally {
    peer.close();
  }
}
