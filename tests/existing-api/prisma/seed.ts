/** Two tenants and a handful of logins. Running it again changes nothing but puts edited accounts right. */
import { openDatabase } from "../src/database.ts";
import { demoAccounts, demoPassword, demoTenants } from "../src/demo-accounts.ts";
import { hashPassword } from "../src/passwords.ts";

const url = process.env.DATABASE_URL;
if (!url) {
  console.error("existing-api seed: DATABASE_URL is not set, e.g. postgresql://user@127.0.0.1:5432/platform");
  process.exit(1);
}
const database = openDatabase(url);
try {
  const passwordHash = await hashPassword(demoPassword);
  for (const { id, name } of demoTenants) {
    await database.tenant.upsert({ where: { id }, create: { id, name }, update: { name } });
  }
  for (const { id, ...account } of demoAccounts) {
    await database.user.upsert({ where: { id }, create: { id, ...account, passwordHash }, update: account });
  }
  console.log(`seeded ${demoTenants.length} tenants, ${demoAccounts.length} users`);
} catch (error) {
  console.error(`existing-api seed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await database.$disconnect();
}
