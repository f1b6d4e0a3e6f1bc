import type { User } from "../protocol/shapes.ts";

/** What turns the direction of all that follows, a portal's own words too. */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/g;
const INVISIBLE = /^[\s\p{C}\p{DI}]*$/u;

/** A name as it can be shown; null where nothing would be seen of it. */
function readable(name: string | null): string | null {
  return name === null || INVISIBLE.test(name) ? null : name.replace(TURNS, "");
}

/** Takes people over; a nameless entry never hides a name that is known. The same map comes back when nothing is new. */
export function knowPeople(known: ReadonlyMap<string, User>, people: readonly User[]): ReadonlyMap<string, User> {
  let next: Map<string, User> | undefined;
  for (const { id, tenantId, name, kind, lastSeenAt } of people) {
    const before = known.get(id);
    const after = { id, tenantId, kind, name: readable(name) ?? before?.name ?? null, lastSeenAt: lastSeenAt ?? before?.lastSeenAt ?? null };
    if (before && before.name === after.name && before.tenantId === after.tenantId && before.lastSeenAt === after.lastSeenAt) continue;
    next ??= new Map(known);
    next.set(id, after);
  }
  return next ?? known;
}
