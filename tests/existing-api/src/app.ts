import fastify, { type FastifyInstance } from "fastify";
import type { RedisClientType } from "redis";
import type { Database } from "./database.ts";
import { registerErrorAnswers } from "./errors.ts";
import { assetRoutes } from "./routes/assets.ts";
import { authRoutes } from "./routes/auth.ts";
import { chatHistoryRoutes } from "./routes/chat-history.ts";
import { notifyRoutes } from "./routes/notify.ts";
import { peopleRoutes } from "./routes/people.ts";
import { portalRoutes } from "./routes/portals.ts";
import { registerSessions } from "./sessions.ts";
import type { Settings } from "./settings.ts";

export async function buildApp(settings: Settings, database: Database, redis: RedisClientType): Promise<FastifyInstance> {
  // Logs go to stderr: the first line of stdout tells the address.
  const app = fastify({ logger: { level: "warn", stream: process.stderr }, forceCloseConnections: true });
  registerErrorAnswers(app);
  app.get("/healthz", async () => ({ status: "ok" }));
  assetRoutes(app);
  // A scope of its own, so that no session is read (and renewed) for a style sheet.
  await app.register(async (scope) => {
    await registerSessions(scope, settings, redis);
    authRoutes(scope, database);
    peopleRoutes(scope, database);
    chatHistoryRoutes(scope, database);
    notifyRoutes(scope, database, redis, settings.emitterKey);
    portalRoutes(scope);
  });
  return app;
}
