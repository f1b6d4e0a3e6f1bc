/** What is promised of where a message is filed: its tenant and its conversation follow from who writes to whom. */
import type { Ledger } from "../ledger.ts";

type Place = { tenantId: string | null; conversationId: string };

/** `conversationId` as the contract has it: `<tenantId>:<min>:<max>`, by byte order, of no tenant between two of staff. */
function placeOf(people: Map<string, string | null>, one: string, other: string): Place {
  const tenantId = people.get(one) ?? people.get(other) ?? null;
  return { tenantId, conversationId: `${tenantId ?? ""}:${[one, other].sort().join(":")}` };
}

/** Every row and every conversation is where its two sides belong, and two tenants share none. */
export function conversationsFollowTheirSides({ people, rows, conversations }: Ledger): string[] {
  const tenants = new Map(people.map(({ id, tenantId }) => [id, tenantId]));
  const filed = [
    ...rows.map((row) => ({ what: `row ${row.id}`, place: row, sides: [row.senderId, row.recipientId] as const })),
    ...conversations.map((row) => ({ what: "conversation", place: { tenantId: row.tenantId, conversationId: row.id }, sides: [row.userA, row.userB] as const })),
  ];
  const misfiled = filed.flatMap(({ what, place, sides: [one, other] }) => {
    const foreign = [one, other].map((id) => tenants.get(id)).filter((tenantId) => typeof tenantId === "string");
    if (new Set(foreign).size > 1) return [`${what} is between ${one} and ${other}, of two tenants`];
    const due = placeOf(tenants, one, other);
    const isThere = place.conversationId === due.conversationId && place.tenantId === due.tenantId;
    return isThere ? [] : [`${what} between ${one} and ${other} is in ${place.conversationId} of ${place.tenantId}, not in ${due.conversationId} of ${due.tenantId}`];
  });
  const swapped = conversations.filter(({ userA, userB }) => userA >= userB).map(({ id }) => `${id} has its sides the wrong way round`);
  return [...misfiled, ...swapped];
}
