import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "../generated/prisma/client.ts";

export type Database = PrismaClient;

export function openDatabase(connectionString: string): Database {
  // The adapter drops the offset of a timestamptz and takes it for UTC, so the connection has to speak UTC.
  const options = "-c TimeZone=UTC";
  return new PrismaClient({
    adapter: new PrismaPg({ connectionString, options, max: 5, connectionTimeoutMillis: 5_000 }),
  });
}

/** True when a query failed because its table is not there (yet). */
export function isMissingTable(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "P2021";
}
