/** Tenants and users of a test's own, in the existing API's tables. */
import { randomBytes } from "node:crypto";
import type pg from "pg";
import { demoAccounts, demoPassword } from "../existing-api/src/demo-accounts.ts";

export type Account = { id: string; email: string; name: string; tenantId: string | null; password: string };

function freshId(prefix: string): string {
  return `${prefix}_${randomBytes(6).toString("hex")}`;
}

export async function createTenant(database: pg.Pool, name = "Tenant"): Promise<string> {
  const id = freshId("t");
  await database.query(`INSERT INTO "Tenant" (id, name) VALUES ($1, $2)`, [id, name]);
  return id;
}

/** Takes the password of the seeded users over, so that nothing here has to know how the API hashes. */
async function createAccount(database: pg.Pool, name: string, role: "member" | "manage", tenantId: string | null): Promise<Account> {
  const id = freshId("u");
  const email = `${id}@example.test`;
  await database.query(
    `INSERT INTO "User" (id, email, name, role, "tenantId", "passwordHash")
     SELECT $1, $2, $3, $4::"Role", $5, "passwordHash" FROM "User" WHERE id = $6`,
    [id, email, name, role, tenantId, demoAccounts[0]?.id],
  );
  return { id, email, name, tenantId, password: demoPassword };
}

export async function createMember(database: pg.Pool, tenantId: string, name = "Member"): Promise<Account> {
  return createAccount(database, name, "member", tenantId);
}

export async function createStaff(database: pg.Pool, name = "Staff"): Promise<Account> {
  return createAccount(database, name, "manage", null);
}
