/** (state, action) → state: no clock, no socket, no document. */
import type { Action } from "./actions.ts";
import { reduceConversations } from "./conversations.ts";
import { reduceOutbox } from "./outbox.ts";
import { knowPeople } from "./people.ts";
import { reducePresence } from "./presence.ts";
import { initialState, type State } from "./state.ts";
import { reduceView } from "./view.ts";

export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case "status/changed":
      return { ...state, status: action.status };
    case "session/ready": {
      const { self, limits, presence, unreadTotal, serverTime } = action.ready;
      // Somebody else's messages are nobody's business here.
      const isOther = state.self !== null && (state.self.id !== self.id || state.self.tenantId !== self.tenantId);
      const start = isOther ? { ...initialState(), status: state.status, view: state.view === "closed" ? "closed" as const : "list" as const } : state;
      return {
        ...start,
        self,
        limits,
        clockOffsetMs: Date.parse(serverTime) - action.receivedAt,
        unreadAtStart: unreadTotal,
        people: knowPeople(start.people, [self]),
        presence: { ...start.presence, mode: presence.mode, total: presence.online },
      };
    }
    case "presence/replaced":
    case "presence/paged":
    case "presence/changed":
    case "presence/watched":
    case "presence/counted":
    case "presence/mode":
      return reducePresence(state, action);
    case "outbox/added":
    case "outbox/restored":
    case "outbox/moved":
    case "outbox/stored":
    case "outbox/dropped":
      return reduceOutbox(state, action);
    case "view/shown":
    case "conversation/opened":
    case "draft/changed":
    case "search/asked":
    case "search/answered":
    case "search/failed":
    case "tenants/listed":
    case "tenants/filtered":
      return reduceView(state, action);
    default:
      return reduceConversations(state, action);
  }
}
