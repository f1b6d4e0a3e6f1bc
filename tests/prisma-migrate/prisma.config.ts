import { defineConfig } from "prisma/config";
import { OfflinePostgres } from "./offline-postgres.mjs";

export default defineConfig({
  schema: process.env["SCHEMA"],
  migrations: { path: process.env["MIGRATIONS"] },
  // As the API is told to do: the gateway owns these.
  experimental: { adapter: true, externalTables: true },
  tables: { external: ["realtime.ChatMessage", "realtime.ChatConversation", "realtime.ChatUser", "realtime.__diesel_schema_migrations"] },
  engine: "js",
  adapter: async () => new OfflinePostgres(process.env["DATABASE_URL"]),
} as never);
