/** Login sessions: which cookie, which key in Redis, what is in them, and who may pass. */
import cookie from "@fastify/cookie";
import session from "@fastify/session";
import { RedisStore } from "connect-redis";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { RedisClientType } from "redis";
import { ApiError } from "./errors.ts";
import type { Settings } from "./settings.ts";

export type SessionUser = {
  id: string;
  /** Null for staff of the platform. */
  tenantId: string | null;
  name: string;
  role: "member" | "manage";
};

declare module "fastify" {
  interface Session {
    user?: SessionUser;
  }
}

export async function registerSessions(app: FastifyInstance, settings: Settings, redis: RedisClientType) {
  await app.register(cookie);
  await app.register(session, {
    secret: settings.sessionSecrets,
    cookieName: "sessionId",
    store: new RedisStore({ client: redis, prefix: "sess:" }),
    saveUninitialized: false,
    cookie: {
      path: "/",
      httpOnly: true,
      sameSite: "lax",
      secure: false, // plain http in development
      maxAge: settings.sessionTtlSeconds * 1000,
    },
  });
}

export function requireUser(request: FastifyRequest): SessionUser {
  const user = request.session.user;
  if (!user) throw new ApiError(401, "unauthorized", "log in first");
  return user;
}

/** The tenant that a user is confined to; null for staff, who see everybody. */
export function confinedTo(user: SessionUser): string | null {
  if (user.role === "manage") return null;
  if (user.tenantId === null) throw new ApiError(403, "forbidden", "this account belongs to no tenant");
  return user.tenantId;
}
