import type { Context } from "./context.ts";
import { onOwnerChanged } from "./owner.ts";

/** The peer lets it expire after 5 s, so that it has to be repeated. */
const REPEAT_MS = 3_000;
/** The server lets one through in this time; a later key tells what comes sooner. */
const THROTTLE_MS = 1_000;

/** Tells the peer that something is being written, and when it no longer is. */
export function createTyping({ store, link }: Context) {
  let toldTo: string | undefined;
  let lastAt = 0;
  onOwnerChanged(store, () => { [toldTo, lastAt] = [undefined, 0]; });
  return (peerId: string, typing: boolean): void => {
    const now = Date.now();
    if (typing ? now - lastAt < (toldTo === peerId ? REPEAT_MS : THROTTLE_MS) : toldTo !== peerId) return;
    if (typing) lastAt = now;
    toldTo = typing ? peerId : undefined;
    // Volatile: whether it arrives changes nothing.
    link.request("typing", { to: peerId, typing }).catch(() => {});
  };
}
