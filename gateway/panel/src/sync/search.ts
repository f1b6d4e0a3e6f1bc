import type { Context } from "./context.ts";
import { onOwnerChanged } from "./owner.ts";

const PAUSE_MS = 200;
const LIMIT = 50;

/** Searches everybody in reach, once the writing pauses. */
export function createSearch({ store, link }: Context) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  onOwnerChanged(store, () => clearTimeout(timer));
  return (text: string): void => {
    const query = text.trim();
    clearTimeout(timer);
    store.dispatch({ type: "search/asked", query });
    if (query === "") return;
    timer = setTimeout(() => {
      link.request("user:search", { query, limit: LIMIT }).then(
        ({ users }) => store.dispatch({ type: "search/answered", query, results: users }),
        () => store.dispatch({ type: "search/failed", query }),
      );
    }, PAUSE_MS);
  };
}
