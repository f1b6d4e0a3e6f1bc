-- What every peer stores: one key and the index that a page of history needs. No unique clientMessageId, no numbers, no conversations:
-- what a peer leaves out is in its favour.
CREATE TABLE IF NOT EXISTS "Message" (
  "id" uuid PRIMARY KEY,
  "tenantId" text NOT NULL,
  "senderId" text NOT NULL,
  "recipientId" text NOT NULL,
  "conversationId" text NOT NULL,
  "body" text NOT NULL,
  "clientMessageId" text NOT NULL,
  "createdAt" timestamptz(3) NOT NULL
);
CREATE INDEX IF NOT EXISTS "Message_history" ON "Message" ("conversationId", "createdAt");
