/** The least of the gateway's schema that this API reads, and rows as the gateway would have written them. */
import { randomUUID } from "node:crypto";
import type pg from "pg";

export const realtimeTables = `
  CREATE SCHEMA realtime;
  CREATE TABLE realtime."ChatMessage" (
    "id" uuid PRIMARY KEY, "conversationId" text COLLATE "C" NOT NULL, "seq" bigint NOT NULL, "tenantId" text COLLATE "C",
    "senderId" text COLLATE "C" NOT NULL, "recipientId" text COLLATE "C" NOT NULL, "body" text NOT NULL,
    "clientMessageId" text COLLATE "C" NOT NULL, "createdAt" timestamptz(3) NOT NULL, "erasedAt" timestamptz(3),
    UNIQUE ("conversationId", "seq"), UNIQUE ("senderId", "clientMessageId"));
  CREATE TABLE realtime."ChatConversation" (
    "id" text COLLATE "C" PRIMARY KEY, "tenantId" text COLLATE "C", "userA" text COLLATE "C" NOT NULL, "userB" text COLLATE "C" NOT NULL,
    "lastSeq" bigint NOT NULL, "lastMessageAt" timestamptz(3) NOT NULL, "readSeqA" bigint NOT NULL DEFAULT 0,
    "readSeqB" bigint NOT NULL DEFAULT 0, "deliveredSeqA" bigint NOT NULL DEFAULT 0, "deliveredSeqB" bigint NOT NULL DEFAULT 0);
`;

/** `from` and `to` by turns, beginning with `from`; message n says "n" and was sent n seconds past midnight. */
export async function writeConversation(client: pg.Client, tenantId: string | null, from: string, to: string, count: number) {
  const [userA, userB] = from < to ? [from, to] : [to, from];
  const id = `${tenantId ?? ""}:${userA}:${userB}`;
  const at = (seq: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seq, 7)).toISOString();
  await client.query(
    `INSERT INTO realtime."ChatConversation" ("id", "tenantId", "userA", "userB", "lastSeq", "lastMessageAt") VALUES ($1, $2, $3, $4, $5, $6)`,
    [id, tenantId, userA, userB, count, at(count)],
  );
  for (let seq = 1; seq <= count; seq += 1) {
    const [sender, recipient] = seq % 2 === 1 ? [from, to] : [to, from];
    await client.query(
      `INSERT INTO realtime."ChatMessage" ("id", "conversationId", "seq", "tenantId", "senderId", "recipientId", "body", "clientMessageId", "createdAt")
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [randomUUID(), id, seq, tenantId, sender, recipient, String(seq), randomUUID(), at(seq)],
    );
  }
  return id;
}
