/** A small run in which all went well: two people of one tenant, two messages. */
import type { Message } from "../clients/wire.ts";
import { emptyLedger, type Ledger } from "./ledger.ts";

const TENANT = "t_zqaqz";
const CONVERSATION = `${TENANT}:u1:u2`;

function message(seq: number, senderId: string, recipientId: string): Message {
  const place = { id: `id-${seq}`, conversationId: CONVERSATION, seq, tenantId: TENANT };
  return { ...place, senderId, recipientId, body: `says ${seq}`, clientMessageId: `c${seq}`, createdAt: "2026-11-24T02:44:45.123Z" };
}

export function soundLedger(): Ledger {
  const messages = [message(1, "u1", "u2"), message(2, "u2", "u1")];
  const mark = { connection: "u1#1/1", conversationId: CONVERSATION, by: "u2", kind: "read" as const, isPush: false };
  return {
    ...emptyLedger(),
    people: ["u1", "u2"].map((id) => ({ id, tenantId: TENANT })),
    sent: messages.map(({ senderId, recipientId, clientMessageId, body }) => ({ senderId, recipientId, clientMessageId, body })),
    // The first one was sent twice, and answered twice.
    acked: [...messages, messages[0]!].map((stored) => ({ senderId: stored.senderId, clientMessageId: stored.clientMessageId, message: stored })),
    delivered: messages.map((stored) => ({ connection: `${stored.recipientId}#1/1`, userId: stored.recipientId, message: stored })),
    marks: [{ ...mark, upToSeq: 1 }, { ...mark, upToSeq: 2 }],
    toldOffline: [{ connection: "u1#1/1", observerId: "u1", userId: "u2", wasOnline: true }],
    rows: messages.map((stored) => ({ ...stored })),
    conversations: [{ id: CONVERSATION, tenantId: TENANT, userA: "u1", userB: "u2", lastSeq: 2, readSeqA: 0, readSeqB: 2, deliveredSeqA: 0, deliveredSeqB: 0 }],
    holdings: ["u1", "u2"].map((userId) => ({ device: `${userId}#1`, userId, tenantId: TENANT, messages: [...messages] })),
    presence: [{ when: "after the storm", observerId: "u1#1", believed: ["u1", "u2"], truth: ["u1", "u2"] }],
    absences: [{ userId: "u2", observerId: "u1#1", times: 1 }],
    usage: [{ gateway: "gateway-1", empty: { redisLinks: 3, postgresLinks: 2, files: 40 }, left: { redisLinks: 3, postgresLinks: 5, files: 44 } }],
    memory: [{ gateway: "gateway-1 (7)", first: 50, last: 55 }],
    keys: [{ key: `rt:{${TENANT}}:last`, ttlMs: 12_000, type: "string" }],
    channels: ["rt:control"],
  };
}
