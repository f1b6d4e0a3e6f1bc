/** Messages, one prepared INSERT each. */
import { randomUUID } from "node:crypto";

const INSERT = {
  name: "insert-message",
  text: `INSERT INTO "Message" ("id", "tenantId", "senderId", "recipientId", "conversationId", "body", "clientMessageId", "createdAt")
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
};

function isText(value, maxLength) {
  return typeof value === "string" && value.length > 0 && value.length <= maxLength;
}

export class Messages {
  #database;

  constructor(database) {
    this.#database = database;
  }

  async store({ id: senderId, tenantId }, { to, body, clientMessageId }) {
    if (!isText(to, 64) || !isText(body, 4_000) || !isText(clientMessageId, 64)) throw new Error("invalid payload");
    const conversationId = [tenantId, ...[senderId, to].sort()].join(":");
    const message = { id: randomUUID(), conversationId, tenantId, senderId, recipientId: to, body, clientMessageId, createdAt: new Date().toISOString() };
    await this.#database.query({ ...INSERT, values: [message.id, tenantId, senderId, to, conversationId, body, clientMessageId, message.createdAt] });
    return message;
  }
}
