/** Messages of one's own that are not stored yet, in the order in which they were written. */
import type { OutboxAction } from "./actions.ts";
import { addMessages, changeConversation } from "./conversations.ts";
import { knowPeople } from "./people.ts";
import type { State } from "./state.ts";

/** Before what was written since. Whether a message that was on its way arrived is not known, so that it is sent again. */
function restored(state: State, { outbox, drafts, people }: Extract<OutboxAction, { type: "outbox/restored" }>): State {
  const queued = outbox.map((outgoing) => (outgoing.state === "sending" ? { ...outgoing, state: "queued" as const } : outgoing));
  const start: State = { ...state, people: knowPeople(state.people, people), outbox: [...queued, ...state.outbox] };
  const written = [...outbox.map(({ peerId }) => [peerId, ""] as const), ...drafts];
  return written.reduce((next, [peerId, draft]) => changeConversation(next, peerId, (before) => ({ ...before, draft: before.draft || draft })), start);
}

export function reduceOutbox(state: State, action: OutboxAction): State {
  switch (action.type) {
    case "outbox/added":
      return { ...changeConversation(state, action.outgoing.peerId, (before) => before), outbox: [...state.outbox, action.outgoing] };
    case "outbox/restored":
      return restored(state, action);
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
