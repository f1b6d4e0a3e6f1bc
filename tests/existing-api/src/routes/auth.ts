import type { FastifyInstance } from "fastify";
import type { Database } from "../database.ts";
import { ApiError } from "../errors.ts";
import { nobodysHash, verifyPassword } from "../passwords.ts";
import { requireUser } from "../sessions.ts";

const credentials = {
  type: "object",
  required: ["email", "password"],
  properties: {
    email: { type: "string", maxLength: 254 },
    password: { type: "string", maxLength: 1024 },
  },
} as const;

export function authRoutes(app: FastifyInstance, database: Database) {
  app.post<{ Body: { email: string; password: string } }>(
    "/api/login",
    { schema: { body: credentials } },
    async (request) => {
      const email = request.body.email.trim().toLowerCase();
      const account = await database.user.findUnique({ where: { email } });
      const isRight = await verifyPassword(request.body.password, account?.passwordHash ?? nobodysHash);
      if (!account || !isRight) throw new ApiError(401, "bad_credentials", "wrong e-mail or password");
      // A new id, so that one planted before the login is worth nothing.
      await request.session.regenerate();
      const { id, tenantId, name, role } = account;
      request.session.user = { id, tenantId: role === "manage" ? null : tenantId, name, role };
      return { user: request.session.user };
    },
  );

  // Deletes the key only: the browser keeps its validly signed cookie, as it does with these libraries.
  app.post("/api/logout", async (request) => {
    await request.session.destroy();
    return { ok: true };
  });

  app.get("/api/me", async (request) => ({ user: requireUser(request) }));
}
