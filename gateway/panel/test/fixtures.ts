import type { Message, OnlineUser } from "../src/protocol/shapes.ts";
import { reduce } from "../src/store/reduce.ts";
import type { Action } from "../src/store/actions.ts";
import { initialState, type State } from "../src/store/state.ts";

export function message(seq: number, from = "bob", to = "alice", clientMessageId = `c${seq}`): Message {
  const peer = from === "alice" ? to : from;
  return {
    id: `m${seq}`, conversationId: `acme:alice:${peer}`, seq, tenantId: "acme", senderId: from, recipientId: to, body: String(seq),
    clientMessageId, createdAt: new Date(Date.UTC(2026, 10, 24, 10, 0, seq)).toISOString(),
  };
}

export function person(id: string, name: string | null = id): OnlineUser {
  return { id, tenantId: "acme", name, kind: "tenant", lastSeenAt: null, portals: ["dashboard"], since: "2026-11-24T10:00:00.000Z" };
}

export function ready(selfId = "alice"): Action {
  const presence = { mode: "all" as const, online: 1 };
  return {
    type: "session/ready",
    receivedAt: Date.parse("2026-11-24T10:00:00.000Z"),
    ready: { self: person(selfId), portal: "dashboard", serverTime: "2026-11-24T10:00:00.000Z", unreadTotal: 7, presence, limits: { bodyMax: 4_000, maxPayload: 65_536 } },
  };
}

/** The state of Alice after what happened. */
export function after(...actions: Action[]): State {
  return [ready(), ...actions].reduce(reduce, initialState());
}

export function arrived(seq: number, from = "bob", isSeen = false): Action {
  return { type: "message/arrived", message: message(seq, from, from === "alice" ? "bob" : "alice"), isSeen };
}

export function bobOf(state: State) {
  const conversation = state.conversations.get("bob");
  if (!conversation) throw new Error("no conversation with Bob");
  return conversation;
}
