/** Messages of one's own that are not stored yet, in the order in which they were written. */
import type { OutboxAction } from "./actions.ts";
import { addMessages } from "./conversations.ts";
import type { State } from "./state.ts";

export function reduceOutbox(state: State, action: OutboxAction): State {
  switch (action.type) {
    case "outbox/added":
      return { ...state, outbox: [...state.outbox, action.outgoing] };
    case "outbox/moved":
      return {
        ...state,
        outbox: state.outbox.map((outgoing) => (
          outgoing.clientMessageId === action.clientMessageId
            ? { ...outgoing, state: action.state, errorCode: action.errorCode ?? null }
            : outgoing
        )),
      };
    case "outbox/stored":
      return addMessages(state, [action.message]);
    case "outbox/dropped":
      return { ...state, outbox: state.outbox.filter(({ clientMessageId }) => clientMessageId !== action.clientMessageId) };
  }
}
