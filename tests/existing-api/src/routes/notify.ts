/** Pushes a notification to the browsers of one user, by the stock emitter and Redis alone. */
import { Emitter } from "@socket.io/redis-emitter";
import type { FastifyInstance } from "fastify";
import type { RedisClientType } from "redis";
import type { Database } from "../database.ts";
import { ApiError } from "../errors.ts";
import { requireUser } from "../sessions.ts";

const notification = {
  type: "object",
  required: ["userId", "text"],
  properties: {
    userId: { type: "string", minLength: 1, maxLength: 64 },
    text: { type: "string", minLength: 1, maxLength: 1000 },
  },
} as const;

export function notifyRoutes(app: FastifyInstance, database: Database, redis: RedisClientType, key: string) {
  // The emitter drops the promise of its publish, and a rejection that nobody takes would end the process.
  const publisher = {
    publish: (channel: string, message: Buffer) =>
      redis.publish(channel, message).catch((error: unknown) => app.log.warn({ err: error }, "notification lost")),
  };
  const emitter = new Emitter(publisher, { key });

  app.post<{ Body: { userId: string; text: string } }>(
    "/api/notify",
    { schema: { body: notification } },
    async (request, reply) => {
      if (requireUser(request).role !== "manage") throw new ApiError(403, "forbidden", "for staff only");
      const { userId, text } = request.body;
      const recipient = await database.user.findUnique({ where: { id: userId } });
      if (!recipient) throw new ApiError(404, "recipient_not_found", "no such user");
      if (!redis.isReady) throw new ApiError(503, "unavailable", "try again later");
      const namespace = recipient.role === "manage" ? "/manage" : "/tenant";
      emitter.of(namespace).to(`user:${userId}`).emit("notification", { text, at: new Date().toISOString() });
      return reply.code(202).send({ ok: true });
    },
  );
}
