/** Who takes part: tenants whose every id, name and word carries a marker of their own, and staff. */
import type pg from "pg";
import type { Account } from "../stack/accounts.ts";
import { demoAccounts, demoPassword } from "../existing-api/src/demo-accounts.ts";

const TENANTS = ["amber", "birch", "coral"];
const STAFF = 4;

/** Occurs in no other tenant's ids, names and messages, nor anywhere by chance. What staff write to each other carries one too. */
export function markerOf(tenantId: string | null): string {
  return tenantId ?? "t_zqstaffqz";
}

const MARKER = /t_zq[a-z]+qz/g;
/** The conversation of two of staff, whatever is said in it. */
const STAFF_CONVERSATION = /:s\d+:s\d+/g;

export function markersIn(text: string): Set<string> {
  return new Set([...(text.match(MARKER) ?? []), ...(text.match(STAFF_CONVERSATION) ?? [])]);
}

export function isStaff({ tenantId }: Account): boolean {
  return tenantId === null;
}

function account(id: string, tenantId: string | null): Account {
  return { id, email: `${id}@example.test`, name: `Person ${id}`, tenantId, password: demoPassword };
}

/** Writes `count` people into the API's tables, some of them staff, the others spread over the tenants. */
export async function settle(database: pg.Pool, count: number): Promise<Account[]> {
  const tenants = TENANTS.map((name) => `t_zq${name}qz`);
  const members = Array.from({ length: count - STAFF }, (_, index) => {
    const tenantId = tenants[index % tenants.length]!;
    return account(`u${index}_${markerOf(tenantId)}`, tenantId);
  });
  const staff = Array.from({ length: STAFF }, (_, index) => account(`s${index}`, null));
  for (const id of tenants) await database.query(`INSERT INTO "Tenant" (id, name) VALUES ($1, $2)`, [id, `Company ${id}`]);
  const people = [...members, ...staff];
  await database.query(
    // Passwords are those of the seeded users, so that nothing here has to know how the API hashes.
    `INSERT INTO "User" (id, email, name, role, "tenantId", "passwordHash")
     SELECT new.id, new.email, new.name, (CASE WHEN new.tenant IS NULL THEN 'manage' ELSE 'member' END)::"Role", new.tenant, "User"."passwordHash"
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS new (id, email, name, tenant), "User" WHERE "User".id = $5`,
    [...(["id", "email", "name", "tenantId"] as const).map((field) => people.map((person) => person[field])), demoAccounts[0]?.id],
  );
  return people;
}
