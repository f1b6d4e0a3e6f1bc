/** What is promised of each message and its place. */
import type { Ledger, Row } from "../ledger.ts";

function nameOf({ senderId, clientMessageId }: { senderId: string; clientMessageId: string }): string {
  return `${senderId}/${clientMessageId}`;
}

function groupedBy<T>(items: T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

const FIELDS = ["id", "conversationId", "seq", "senderId", "recipientId", "body", "clientMessageId", "tenantId", "createdAt"] as const;

/** The first field in which a message differs from its row. */
export function difference(message: Row, row: Row): string | undefined {
  const field = FIELDS.find((name) => message[name] !== row[name]);
  return field && `${field} is ${JSON.stringify(message[field])}, in the table ${JSON.stringify(row[field])}`;
}

/** Every acknowledged message is in the table exactly once, as it was acknowledged. */
export function ackedIsStoredOnce({ acked, rows }: Ledger): string[] {
  const stored = groupedBy(rows, nameOf);
  return acked.flatMap(({ message, ...ack }) => {
    const found = stored.get(nameOf(ack)) ?? [];
    if (found.length !== 1) return [`${nameOf(ack)} was acknowledged as ${message.conversationId} ${message.seq} and is in the table ${found.length} times`];
    const differs = difference(message, found[0]!);
    return differs === undefined ? [] : [`${nameOf(ack)} was acknowledged otherwise than stored: ${differs}`];
  });
}

/** Nothing is in the table that nobody sent, and nothing other than what was sent. */
export function storedWasSent({ sent, rows }: Ledger): string[] {
  const asked = groupedBy(sent, nameOf);
  return rows.flatMap((row) => {
    const [first] = asked.get(nameOf(row)) ?? [];
    if (!first) return [`${row.conversationId} ${row.seq} (${nameOf(row)}) was sent by nobody`];
    const isAsSent = first.body === row.body && first.recipientId === row.recipientId;
    return isAsSent ? [] : [`${nameOf(row)} was stored as ${JSON.stringify([row.recipientId, row.body])}, sent as ${JSON.stringify([first.recipientId, first.body])}`];
  });
}

/** Numbers count 1, 2, 3 … in each conversation, up to the last number that it remembers; it remembers none that it has not. */
export function seqIsGapless({ rows, conversations }: Ledger): string[] {
  const last = new Map(conversations.map(({ id, lastSeq }) => [id, lastSeq]));
  const groups = groupedBy(rows, ({ conversationId }) => conversationId);
  const empty = conversations.filter(({ id, lastSeq }) => lastSeq > 0 && !groups.has(id));
  const wrong = [...groups].flatMap(([id, messages]) => {
    const seqs = messages.map(({ seq }) => seq).sort((one, other) => one - other);
    const place = seqs.findIndex((seq, index) => seq !== index + 1);
    if (place >= 0) return [`${id} has ${seqs[place]} in place ${place + 1}`];
    return last.get(id) === seqs.length ? [] : [`${id} has ${seqs.length} messages and remembers ${last.get(id)}`];
  });
  return [...wrong, ...empty.map(({ id, lastSeq }) => `${id} has no messages and remembers ${lastSeq}`)];
}

/** Both sides, on all their devices, have one order of a conversation. */
export function sidesAgree({ holdings }: Ledger): string[] {
  const orders = new Map<string, { device: string; order: string }>();
  const violations: string[] = [];
  for (const { device, messages } of holdings) {
    for (const [id, ours] of groupedBy(messages, ({ conversationId }) => conversationId)) {
      const order = [...ours].sort((one, other) => one.seq - other.seq).map((message) => message.id).join(" ");
      const other = orders.get(id);
      if (!other) orders.set(id, { device, order });
      else if (other.order !== order) violations.push(`${id} at ${device} has another order than at ${other.device}`);
    }
  }
  return violations;
}

/** Each device holds after `sync` exactly what the table holds of its user's conversations. */
export function devicesEqualTable({ holdings, rows }: Ledger): string[] {
  const byUser = groupedBy(rows.flatMap((row) => [row.senderId, row.recipientId].map((userId) => ({ userId, row }))), ({ userId }) => userId);
  return holdings.flatMap(({ device, userId, messages }) => {
    const table = new Map((byUser.get(userId) ?? []).map(({ row }) => [row.id, row]));
    const held = new Map(messages.map((message) => [message.id, message]));
    const missing = [...table.values()].filter(({ id }) => !held.has(id));
    const wrong = [...held.values()].flatMap((message) => {
      const row = table.get(message.id);
      return row ? (difference(message, row) ?? []) : [`${message.conversationId} ${message.seq} is not in the table`];
    });
    const first = missing[0];
    return [
      ...(first ? [`${device} lacks ${missing.length} of ${table.size} messages, the first ${first.conversationId} ${first.seq}`] : []),
      ...wrong.map((what) => `${device}: ${what}`),
    ];
  });
}

/** No connection is given a message twice by itself, resent or not. */
export function deliveredOnce({ delivered }: Ledger): string[] {
  const groups = groupedBy(delivered, ({ connection, message }) => `${connection} ${message.id}`);
  return [...groups.values()].flatMap((group) => {
    const [{ connection, userId, message }] = group as [Ledger["delivered"][number]];
    return group.length === 1 ? [] : [`${userId} got ${message.conversationId} ${message.seq} ${group.length} times at ${connection}`];
  });
}
