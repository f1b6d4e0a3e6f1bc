/** What a client says in a Socket.IO case, and how that is played over either transport. */
import { openLink, type Carrier, type Link } from "./link.ts";
import { masked } from "./masked.ts";
import { different, type Outcome, type Trace } from "./outcome.ts";
import type { Server } from "./server.ts";
import type { Frame } from "./web-socket.ts";

/** A packet to send, or something else to do. */
export type Saying = Frame | ((link: Link, trace: Trace) => Promise<void>);
export type Conversation = { says: Saying[]; outcome: Outcome; over?: Carrier[] };
/** By name: a sentence. */
export type Conversations = Record<string, Conversation>;

/** A namespace that nobody serves: the refusal tells that all before it has been seen, whatever is joined. */
const FENCE = "/fence";

/** Waits for a packet, or for the end. */
export function until(start: string): Saying {
  return async (link) => void (await link.packet(start, 0));
}

/** In one POST; a WebSocket takes them one by one. */
export function together(...packets: Frame[]): Saying {
  return async (link) => link.send(...packets);
}

/** Waits until all that was sent has been dealt with. */
export const seen: Saying = settle;

/** The greeting's last packet means: joined. */
export const joined: Saying[] = ["40", until('42["auth"')];
export const joinedBoth: Saying[] = [...joined, "40/custom,", until('42/custom,["auth"')];

/** For conversations that begin by joining the root: what follows the greeting. */
export function differentOnceJoined(because: string, { reference, product }: { reference: Trace; product: Trace }): Outcome {
  const greeting = ['40{"sid":"*"}', '42["auth",{}]'];
  return different(because, { reference: [...greeting, ...reference], product: [...greeting, ...product] });
}

export async function play(says: Saying[], carrier: Carrier, server: Server): Promise<Trace> {
  const link = await openLink(server, carrier);
  const trace: Trace = [];
  try {
    for (const saying of says) {
      if (typeof saying === "function") await saying(link, trace);
      else link.send(saying);
    }
    await settle(link);
    const packets = link.packets.filter((packet) => !packet.includes(FENCE)).map(masked);
    return [...trace, ...packets, link.ending ?? "open"];
  } finally {
    link.leave();
  }
}

/** Twice: the reference answers events a tick later than it refuses namespaces. */
async function settle(link: Link): Promise<void> {
  for (let round = 0; round < 2; round += 1) {
    const from = link.packets.length;
    link.send(`40${FENCE},`);
    await link.packet(`44${FENCE},`, from);
  }
}
