/** The pages: a login, and three portals that each admit one kind of user. */
import type { FastifyInstance, FastifyReply } from "fastify";
import { loginPage, portalPage, type Portal } from "../pages.ts";
import type { SessionUser } from "../sessions.ts";

// Nothing inline, so that a name or a message that smuggles in a script would not run either.
const POLICY = [
  "default-src 'self'",
  "connect-src 'self' ws: wss:",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join("; ");

const portals: Portal[] = ["manage", "dashboard", "dm"];

function mayOpen(user: SessionUser, portal: Portal): boolean {
  return (portal === "manage") === (user.role === "manage");
}

function homeOf(user: SessionUser): string {
  return user.role === "manage" ? "/manage" : "/dashboard";
}

function sendPage(reply: FastifyReply, html: string) {
  return reply
    .header("content-security-policy", POLICY)
    .header("cache-control", "no-store")
    .type("text/html; charset=utf-8")
    .send(html);
}

export function portalRoutes(app: FastifyInstance) {
  app.get("/", async (request, reply) => {
    const user = request.session.user;
    return user ? reply.redirect(homeOf(user)) : sendPage(reply, loginPage());
  });

  for (const portal of portals) {
    app.get(`/${portal}`, async (request, reply) => {
      const user = request.session.user;
      if (!user) return reply.redirect("/");
      if (!mayOpen(user, portal)) return reply.redirect(homeOf(user));
      return sendPage(reply, portalPage(portal, user));
    });
  }
}
