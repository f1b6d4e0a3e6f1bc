/** What is promised of messages that come by themselves. */
import type { Ledger } from "../ledger.ts";
import { difference } from "./messages.ts";

/** Whatever comes is in the table, and is what the table says. */
export function deliveredIsStored({ delivered, rows }: Ledger): string[] {
  const table = new Map(rows.map((row) => [row.id, row]));
  return delivered.flatMap(({ connection, message }) => {
    const row = table.get(message.id);
    if (!row) return [`${connection} got ${message.conversationId} ${message.seq} (${message.id}), which is not in the table`];
    const differs = difference(message, row);
    return differs === undefined ? [] : [`${connection} got ${message.id} otherwise than stored: ${differs}`];
  });
}

/** A message comes to the two whom the table names, and to nobody else. */
export function onlyItsSidesHear({ delivered, rows }: Ledger): string[] {
  const table = new Map(rows.map((row) => [row.id, row]));
  return delivered.flatMap(({ connection, userId, message }) => {
    const { senderId, recipientId } = table.get(message.id) ?? message;
    return userId === senderId || userId === recipientId ? [] : [`${connection} got ${message.id}, which is between ${senderId} and ${recipientId}`];
  });
}
