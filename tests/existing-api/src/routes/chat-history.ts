/** Reads the gateway's rows; everything that changes them goes through the gateway. */
import type { FastifyInstance } from "fastify";
import type { ChatConversation, ChatMessage } from "../../generated/prisma/client.ts";
import { conversationsInScope, findConversationWith, withChatTables } from "../conversations.ts";
import type { Database } from "../database.ts";
import { requireUser, type SessionUser } from "../sessions.ts";

const historyQuery = {
  type: "object",
  required: ["with"],
  properties: {
    with: { type: "string", pattern: "^[!-9;-~]{1,64}$" },
    before: { type: "integer", minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
    limit: { type: "integer", minimum: 1, maximum: 200, default: 50 },
  },
} as const;

const conversationsQuery = {
  type: "object",
  properties: { limit: { type: "integer", minimum: 1, maximum: 100, default: 50 } },
} as const;

function toMessage({ erasedAt, ...row }: ChatMessage) {
  return { ...row, seq: Number(row.seq), ...(erasedAt ? { erased: true } : {}) };
}

/** Messages to the user beyond what the user has read, by conversation. */
async function countUnread(database: Database, user: SessionUser, conversations: ChatConversation[]) {
  const beyondRead = conversations
    .map((row) => ({ conversationId: row.id, seq: { gt: row.userA === user.id ? row.readSeqA : row.readSeqB } }));
  if (beyondRead.length === 0) return new Map<string, number>();
  const counts = await database.chatMessage.groupBy({
    by: ["conversationId"],
    where: { recipientId: user.id, OR: beyondRead },
    _count: true,
  });
  return new Map(counts.map((row) => [row.conversationId, row._count]));
}

export function chatHistoryRoutes(app: FastifyInstance, database: Database) {
  app.get<{ Querystring: { with: string; before?: number; limit: number } }>(
    "/api/chat/history",
    { schema: { querystring: historyQuery } },
    async (request) => {
      const user = requireUser(request);
      const { with: peerId, before, limit } = request.query;
      const rows = await withChatTables(async () =>
        database.chatMessage.findMany({
          where: {
            conversationId: await findConversationWith(database, user, peerId),
            ...(before === undefined ? {} : { seq: { lt: before } }),
          },
          orderBy: { seq: "desc" },
          take: limit + 1,
        }),
      );
      const page = rows.slice(0, limit).reverse();
      return { messages: page.map(toMessage), hasMore: rows.length > limit };
    },
  );

  app.get<{ Querystring: { limit: number } }>(
    "/api/chat/conversations",
    { schema: { querystring: conversationsQuery } },
    async (request) => {
      const user = requireUser(request);
      return withChatTables(async () => {
        const conversations = await database.chatConversation.findMany({
          where: conversationsInScope(user),
          orderBy: [{ lastMessageAt: "desc" }, { id: "desc" }],
          take: request.query.limit,
        });
        const unread = await countUnread(database, user, conversations);
        const last = await database.chatMessage.findMany({
          where: { OR: conversations.map((row) => ({ conversationId: row.id, seq: row.lastSeq })) },
        });
        const lastOf = new Map(last.map((row) => [row.conversationId, toMessage(row)]));
        return {
          conversations: conversations.map((row) => ({
            conversationId: row.id,
            peerId: row.userA === user.id ? row.userB : row.userA,
            lastMessage: lastOf.get(row.id) ?? null,
            lastMessageAt: row.lastMessageAt,
            unread: unread.get(row.id) ?? 0,
          })),
        };
      });
    },
  );

  app.get("/api/chat/unread", async (request) => {
    const user = requireUser(request);
    return withChatTables(async () => {
      const { lastSeq } = database.chatConversation.fields;
      const { OR: _either, ...scope } = conversationsInScope(user);
      const behind = await database.chatConversation.findMany({
        where: {
          ...scope,
          OR: [
            { userA: user.id, readSeqA: { lt: lastSeq } },
            { userB: user.id, readSeqB: { lt: lastSeq } },
          ],
        },
        orderBy: { lastMessageAt: "desc" },
        take: 500,
      });
      const unread = await countUnread(database, user, behind);
      return { unread: [...unread.values()].reduce((sum, count) => sum + count, 0) };
    });
  });
}
