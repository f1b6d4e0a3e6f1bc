/** Whose the panel is: what an effect remembers about one user must never reach the next one who logs in. */
import type { State } from "../store/state.ts";
import type { Store } from "../store/store.ts";

export function ownerOf({ self }: State): string | undefined {
  return self ? `${self.tenantId ?? ""}:${self.id}` : undefined;
}

/** Calls back when somebody else's session begins, before its `session:ready` is told to any effect; answers how to stop. */
export function onOwnerChanged(store: Pick<Store, "subscribe">, forget: () => void): () => void {
  return store.subscribe((state, before) => {
    if (before.self !== null && ownerOf(state) !== ownerOf(before)) forget();
  });
}
