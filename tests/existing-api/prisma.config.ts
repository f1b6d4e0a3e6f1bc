import { defineConfig } from "prisma/config";

export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations" },
  // The gateway owns these; Prisma Migrate must neither create nor drop them.
  experimental: { externalTables: true },
  tables: { external: ["realtime.ChatMessage", "realtime.ChatConversation", "realtime.ChatUser", "realtime.__diesel_schema_migrations"] },
});
