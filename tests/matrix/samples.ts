/** A payload of each event with which nothing is wrong. The type checker asks for one of every event that there is. */
import type { ClientToServerEvents } from "@realtime/protocol";

export type EventName = keyof ClientToServerEvents;
export type Payload = Record<string, unknown>;

/** Asked by a tenant user about a peer in reach. Every field is there, the optional ones too, but for what is the staff's alone. */
export const SAMPLES: { [Name in EventName]: (peerId: string) => Parameters<ClientToServerEvents[Name]>[0] } = {
  "message:send": (to) => ({ to, body: "hello", clientMessageId: crypto.randomUUID() }),
  "message:history": (peer) => ({ with: peer, beforeSeq: 9, afterSeq: 0, limit: 1 }),
  "message:read": (peer) => ({ with: peer, upToSeq: 0 }),
  "message:delivered": (peer) => ({ with: peer, upToSeq: 0 }),
  "conversation:list": () => ({ cursor: "1790000000000:t:a:b", limit: 1 }),
  sync: (peer) => ({ since: { [`t:a:${peer}`]: 0 }, others: "none", limit: 1 }),
  typing: (to) => ({ to, typing: false }),
  "presence:list": () => ({ query: "x", cursor: ":a", limit: 1 }),
  "presence:tenants": () => ({ cursor: "t", limit: 1 }),
  "presence:watch": (peer) => ({ userIds: [peer] }),
  "user:search": () => ({ query: "x", limit: 1 }),
};
