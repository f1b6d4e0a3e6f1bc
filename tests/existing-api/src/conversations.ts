/** How the gateway names conversations, and which of them a user of this API may read. */
import type { Database } from "./database.ts";
import { isMissingTable } from "./database.ts";
import { ApiError } from "./errors.ts";
import { confinedTo, type SessionUser } from "./sessions.ts";

type Participant = Pick<SessionUser, "id" | "tenantId" | "role">;

function tenantOf(participant: Participant): string | null {
  return participant.role === "manage" ? null : participant.tenantId;
}

/** `<tenantId>:<min>:<max>`; user ids are ASCII, so comparing UTF-16 units is comparing bytes. */
export function conversationIdOf(one: Participant, other: Participant): string {
  const tenantId = tenantOf(one) ?? tenantOf(other) ?? "";
  const [min, max] = one.id < other.id ? [one.id, other.id] : [other.id, one.id];
  return `${tenantId}:${min}:${max}`;
}

/** Everything that the user takes part in and may still see: tenant users only what is in their own tenant. */
export function conversationsInScope(user: SessionUser) {
  const tenantId = confinedTo(user);
  return { OR: [{ userA: user.id }, { userB: user.id }], ...(tenantId === null ? {} : { tenantId }) };
}

/** A peer out of reach and a peer who does not exist are told in the same words. */
export async function findConversationWith(database: Database, user: SessionUser, peerId: string): Promise<string> {
  const peer = await database.user.findUnique({ where: { id: peerId } });
  const id = peer && peer.id !== user.id ? conversationIdOf(user, peer) : null;
  const tenantId = confinedTo(user);
  const reachable = peer && (tenantId === null || tenantOf(peer) === tenantId);
  if (id && reachable) return id;
  // Staff who wrote first may be answered, though a tenant user does not find them.
  if (id && (await database.chatConversation.findFirst({ where: { id, ...conversationsInScope(user) } }))) return id;
  throw new ApiError(404, "recipient_not_found", "no such user");
}

/** The gateway's tables come with the gateway; until it has migrated, this API runs without chat. */
export async function withChatTables<T>(query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    if (!isMissingTable(error)) throw error;
    throw new ApiError(503, "chat_not_migrated", "the schema realtime does not exist yet");
  }
}
