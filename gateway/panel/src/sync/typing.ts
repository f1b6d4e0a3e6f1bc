import type { Context } from "./context.ts";

/** The peer lets it expire after 5 s, so that it has to be repeated. */
const REPEAT_MS = 3_000;

/** Tells the peer that something is being written, and when it no longer is. */
export function createTyping({ link }: Context) {
  let told: { peerId: string; at: number } | undefined;
  return (peerId: string, typing: boolean): void => {
    if (typing ? told?.peerId === peerId && Date.now() - told.at < REPEAT_MS : told?.peerId !== peerId) return;
    told = typing ? { peerId, at: Date.now() } : undefined;
    // Volatile: whether it arrives changes nothing.
    link.request("typing", { to: peerId, typing }).catch(() => {});
  };
}
