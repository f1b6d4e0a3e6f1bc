/** Who is who, in the caller's scope: names for ids, and colleagues who may be offline. */
import type { FastifyInstance } from "fastify";
import { conversationIdOf, conversationsInScope } from "../conversations.ts";
import type { Database } from "../database.ts";
import { isMissingTable } from "../database.ts";
import { confinedTo, requireUser, type SessionUser } from "../sessions.ts";

const LIMIT = 500;
const peopleQuery = {
  type: "object",
  properties: { ids: { type: "string", pattern: "^[!-9;-~]+$", maxLength: 20_000 } },
} as const;

const personColumns = { id: true, name: true, tenantId: true, role: true } as const;

type Row = { id: string; name: string; tenantId: string | null; role: "member" | "manage" };

function toPerson({ id, name, tenantId, role }: Row) {
  return { id, name, tenantId, kind: role === "manage" ? "manage" : "tenant" };
}

/** Staff are no colleagues, but those who wrote to the user have a name all the same. */
async function findStaffWhoWrote(database: Database, user: SessionUser, ids: string[]): Promise<Row[]> {
  const staff = await database.user.findMany({ where: { id: { in: ids }, role: "manage" }, select: personColumns });
  if (staff.length === 0) return [];
  try {
    const shared = await database.chatConversation.findMany({
      where: { ...conversationsInScope(user), id: { in: staff.map((person) => conversationIdOf(user, person)) } },
      select: { id: true },
    });
    const known = new Set(shared.map((row) => row.id));
    return staff.filter((person) => known.has(conversationIdOf(user, person)));
  } catch (error) {
    if (isMissingTable(error)) return [];
    throw error;
  }
}

export function peopleRoutes(app: FastifyInstance, database: Database) {
  app.get<{ Querystring: { ids?: string } }>(
    "/api/people",
    { schema: { querystring: peopleQuery } },
    async (request) => {
      const user = requireUser(request);
      const tenantId = confinedTo(user);
      const ids = request.query.ids?.split(",").slice(0, LIMIT);
      const people: Row[] = await database.user.findMany({
        where: { ...(tenantId === null ? {} : { tenantId, role: "member" }), ...(ids ? { id: { in: ids } } : {}) },
        select: personColumns,
        orderBy: [{ name: "asc" }, { id: "asc" }],
        take: LIMIT,
      });
      if (ids && tenantId !== null) people.push(...(await findStaffWhoWrote(database, user, ids)));
      return { people: people.map(toPerson) };
    },
  );
}
