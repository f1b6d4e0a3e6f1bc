/**
 * Keeps what is not sent yet and what is being written over a reload of the page: in the tab's own storage, under the name of
 * the user whose it is. Whoever else comes finds nothing, and what was kept is gone.
 */
import type { User } from "../protocol/shapes.ts";
import type { Outgoing, State } from "../store/state.ts";
import type { Context } from "./context.ts";
import { ownerOf } from "./owner.ts";

type Kept = { owner: string; outbox: Outgoing[]; drafts: [peerId: string, draft: string][]; people: User[] };
export type Storage = Pick<globalThis.Storage, "getItem" | "setItem" | "removeItem">;

const isText = (value: unknown): boolean => typeof value === "string";
const isTime = (value: string): boolean => isText(value) && Date.parse(value) >= 0;

function fitting<Item>(list: unknown, fits: (item: Item) => unknown): Item[] {
  return Array.isArray(list) ? list.filter((item) => item && fits(item)) : [];
}

/** What can be sent and drawn of it: another version, or a script of the page, may have written there. */
function usable({ owner, outbox, drafts, people }: Kept): Kept {
  return {
    owner,
    outbox: fitting<Outgoing>(outbox, ({ peerId, clientMessageId, body, createdAt }) => [peerId, clientMessageId, body].every(isText) && isTime(createdAt)),
    drafts: fitting<[string, string]>(drafts, ({ 0: peerId, 1: draft }) => isText(peerId) && isText(draft)),
    people: fitting<User>(people, ({ id, name, lastSeenAt }) => isText(id) && (name === null || isText(name)) && (lastSeenAt === null || isTime(lastSeenAt))),
  };
}

/** The tab's storage; a page in a sandbox has none. */
export function tabStorage(): Storage | undefined {
  try {
    return globalThis.sessionStorage;
  } catch {
    return undefined;
  }
}

export function createKeeper({ store, link }: Context, storage: Storage | undefined, key: string): void {
  /** Whose the storage is now; nobody's before the first `session:ready`. */
  let owner: string | undefined;
  let written: string | undefined;

  function read(): Kept | undefined {
    try {
      const kept = JSON.parse(storage?.getItem(key) ?? "null") as Kept | null;
      return kept && kept.owner === owner ? usable(kept) : undefined;
    } catch {
      return undefined;
    }
  }

  function write(state: State): void {
    const { outbox, conversations } = state;
    const drafts = [...conversations.values()].flatMap(({ peerId, draft }) => (draft === "" ? [] : [[peerId, draft] as const]));
    const peers = new Set([...drafts.map(([peerId]) => peerId), ...outbox.map(({ peerId }) => peerId)]);
    // Whom it is for has a name before anybody tells it again.
    const people = [...peers].flatMap((peerId) => state.people.get(peerId) ?? []);
    const text = peers.size === 0 ? "" : JSON.stringify({ owner, outbox, drafts, people });
    if (text === written) return;
    written = text;
    try {
      if (text === "") storage?.removeItem(key);
      else storage?.setItem(key, text);
    } catch {
      // Full: what is written here is lost with the page, as without a storage.
    }
  }

  link.on("session:ready", () => {
    const now = ownerOf(store.getState());
    if (now === owner) return;
    owner = now;
    const kept = read();
    if (kept) store.dispatch({ type: "outbox/restored", outbox: kept.outbox, drafts: kept.drafts, people: kept.people });
    write(store.getState());
  });
  store.subscribe((state, before) => {
    if (owner === undefined || ownerOf(state) !== owner) return;
    if (state.outbox !== before.outbox || state.conversations !== before.conversations) write(state);
  });
}
