/** What is promised of read and delivered marks. */
import type { Ledger } from "../ledger.ts";

/** Nobody has read or received what does not exist, neither in the table nor as others were told. */
export function marksStayWithin({ conversations, marks }: Ledger): string[] {
  const last = new Map(conversations.map(({ id, lastSeq }) => [id, lastSeq]));
  const stored = conversations.flatMap((row) =>
    (["readSeqA", "readSeqB", "deliveredSeqA", "deliveredSeqB"] as const)
      .filter((mark) => row[mark] > row.lastSeq)
      .map((mark) => `${row.id}: ${mark} is ${row[mark]}, the last message ${row.lastSeq}`),
  );
  const told = marks
    .filter(({ conversationId, upToSeq }) => upToSeq > (last.get(conversationId) ?? 0))
    .map(({ conversationId, by, kind, upToSeq }) => `${conversationId}: ${by} was said to have ${kind} ${upToSeq} of ${last.get(conversationId) ?? 0}`);
  return [...stored, ...told];
}

/** Marks never go back: not as one connection is told of them, and the table is never behind what was told. */
export function marksOnlyGrow({ conversations, marks }: Ledger): string[] {
  const violations: string[] = [];
  const known = new Map<string, number>();
  const rows = new Map(conversations.map((row) => [row.id, row]));
  for (const { connection, conversationId, by, kind, upToSeq, isPush } of marks) {
    const key = `${connection} ${conversationId} ${by} ${kind}`;
    const before = isPush ? 0 : (known.get(key) ?? 0);
    if (upToSeq < before) violations.push(`${conversationId}: ${by} had ${kind} ${before}, then ${upToSeq}, as ${connection} was told`);
    if (!isPush) known.set(key, Math.max(before, upToSeq));
    const row = rows.get(conversationId);
    if (!row) continue;
    const stored = by === row.userA ? row[`${kind}SeqA`] : row[`${kind}SeqB`];
    if (stored < upToSeq) violations.push(`${conversationId}: ${by} was said to have ${kind} ${upToSeq}, the table says ${stored}`);
  }
  return violations;
}
