/** What is on the screen. */
import type { ViewAction } from "./actions.ts";
import { changeConversation } from "./conversations.ts";
import { knowPeople } from "./people.ts";
import type { Conversation, State } from "./state.ts";

/** Up to where I have read, where something is unread above; not known before the list has told. */
function unreadFrom({ unread, isListed, myReadSeq }: Conversation): number | null {
  return unread > 0 && isListed ? myReadSeq : null;
}

export function reduceView(state: State, action: ViewAction): State {
  switch (action.type) {
    case "view/shown":
      return { ...state, view: action.view };
    case "conversation/opened": {
      const isOpen = state.view === "conversation" && state.peerId === action.peerId;
      return {
        ...changeConversation(state, action.peerId, (before) => ({ ...before, newAfterSeq: unreadFrom(before) ?? (isOpen ? before.newAfterSeq : null) })),
        view: "conversation",
        peerId: action.peerId,
      };
    }
    case "draft/changed":
      return changeConversation(state, action.peerId, (before) => ({ ...before, draft: action.draft }));
    case "search/asked":
      return { ...state, search: { query: action.query, results: [], state: action.query === "" ? "idle" : "searching" } };
    case "search/answered":
      // An answer that comes after the next question is of no use.
      if (action.query !== state.search.query) return state;
      return {
        ...state,
        people: knowPeople(state.people, action.results),
        // The server finds oneself too, and nobody writes to oneself.
        search: { query: action.query, results: action.results.filter(({ id }) => id !== state.self?.id), state: "done" },
      };
    case "search/failed":
      return action.query === state.search.query ? { ...state, search: { query: action.query, results: [], state: "failed" } } : state;
    case "tenants/listed":
      return { ...state, tenants: action.tenants };
    case "tenants/filtered":
      return { ...state, tenantFilter: action.tenantId };
  }
}
