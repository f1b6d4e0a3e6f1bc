/** Whom a caller may ask about, and what the table "Reach" of the event catalogue says of it. */
import type { Person, World } from "./world.ts";

/** What somebody is to a caller. */
export type Relation = "in reach" | "out of reach" | "oneself" | "no id";

export type Target = {
  what: string;
  id: string;
  /** What they could be searched for by. */
  name: string;
  person?: Person;
};

/** Texts that are no ids, for a reason each. */
const MALFORMED: Record<string, string> = {
  "an empty text": "",
  "a room": "user:u_1",
  "a conversation": "t:a:b",
  "a space": "a b",
  "not ASCII": "ü",
  "a NUL": "a\u0000",
  "a line break": "a\n",
  "one character too many": "x".repeat(65),
  "ten kilobytes": "x".repeat(10_000),
};

export function targets({ people }: World): Target[] {
  const others = Object.values(people).map((person): Target => ({ what: person.role, id: person.id, name: person.name, person }));
  const unknown = ["u_nobody", "%75_nobody", "__proto__", "x".repeat(64)].map((id): Target => ({ what: `nobody: ${id}`, id, name: id }));
  const malformed = Object.entries(MALFORMED).map(([what, id]): Target => ({ what, id, name: what }));
  return [...unknown, ...others, ...malformed];
}

/** May the caller write to that target, and see it? The same id may be somebody else in another tenant: then it is the caller's own that counts. */
export function relation(world: World, caller: Person, target: Target): Relation {
  if (Object.values(MALFORMED).includes(target.id)) return "no id";
  if (target.id === caller.id) return "oneself";
  const meant = Object.values(world.people).filter(({ id }) => id === target.id);
  if (caller.realm === "staff") return meant.length > 0 ? "in reach" : "out of reach";
  const mayAnswer = meant.includes(world.people.staffWhoWrote) && isWrittenTo(caller);
  return mayAnswer || meant.some(({ realm }) => realm === caller.realm) ? "in reach" : "out of reach";
}

/** Staff do not show in a tenant's lists, not even those who may be answered. */
export function mayList(caller: Person, listed: Person): boolean {
  return caller.realm === "staff" || caller.realm === listed.realm;
}

function isWrittenTo({ role }: Person): boolean {
  return role === "dashboard" || role === "dm";
}
