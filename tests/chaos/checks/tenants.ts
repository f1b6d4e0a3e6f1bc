/** What is promised of tenants. */
import type { Ledger } from "../ledger.ts";

/** Nobody of a tenant ever received a byte about another. */
export function tenantsStayApart({ leaked }: Ledger): string[] {
  return leaked.map(({ userId, tenantId, marker, frame }) => `${userId} of ${tenantId} received ${marker}: ${frame.slice(0, 300)}`);
}
