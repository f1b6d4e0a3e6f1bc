/** What is shown, derived from the state. */
import type { Message, TenantOnline, User } from "../protocol/shapes.ts";
import { indexOfSeq } from "./merge.ts";
import { unreadHeld } from "./unread.ts";
import type { Conversation, Outgoing, State } from "./state.ts";

export function unreadTotal(state: State): number {
  if (!state.isListed && state.unreadAtStart !== null) return state.unreadAtStart;
  return unreadHeld(state) + state.unreadElsewhere;
}

export function nameOf(state: State, userId: string): string {
  return state.people.get(userId)?.name ?? userId;
}

/** Without a link nobody can tell who is online and who is not. */
export function isPresenceKnown({ status }: State): boolean {
  return status.kind === "online" || status.kind === "draining";
}

export function isOnline(state: State, userId: string): boolean {
  return isPresenceKnown(state) && state.presence.online.has(userId);
}

function isOfTenant(state: State, userId: string): boolean {
  return state.tenantFilter === null || state.people.get(userId)?.tenantId === state.tenantFilter;
}

/** With something in it, latest first. */
export function conversationsByTime(state: State): Conversation[] {
  const written = new Map(state.outbox.map(({ peerId, createdAt }) => [peerId, createdAt]));
  const timeOf = ({ peerId, lastMessage }: Conversation) => written.get(peerId) ?? lastMessage?.createdAt ?? "";
  return [...state.conversations.values()]
    .filter(({ peerId, lastMessage, draft }) => (lastMessage || draft || written.has(peerId)) && isOfTenant(state, peerId))
    .sort((a, b) => (timeOf(a) < timeOf(b) ? 1 : timeOf(a) > timeOf(b) ? -1 : 0));
}

/** Those with somebody online, and the one that is looked at: its last member may have gone. */
export function tenantsToChoose({ tenants, tenantFilter }: State): readonly TenantOnline[] {
  return tenantFilter === null || tenants.some(({ tenantId }) => tenantId === tenantFilter) ? tenants : [...tenants, { tenantId: tenantFilter, online: 0 }];
}

/** Others online, in the order in which the server told of them. */
export function peopleOnline(state: State): User[] {
  const others: User[] = [];
  for (const user of state.presence.online.values()) {
    if (user.id !== state.self?.id && isOfTenant(state, user.id)) others.push(user);
  }
  return others;
}

/** Where the marker "new messages" goes: before the peer's first one above what I had read, once all between the two is held. */
export function firstNewSeq({ messages, newAfterSeq, hasEarlier, peerId }: Conversation): number | null {
  const first = messages[0];
  if (newAfterSeq === null || hasEarlier === null || !first || (hasEarlier && first.seq > newAfterSeq + 1)) return null;
  for (let index = indexOfSeq(messages, newAfterSeq + 1); index < messages.length; index += 1) {
    const message = messages[index] as Message;
    if (message.senderId === peerId) return message.seq;
  }
  return null;
}

export function outgoingTo(state: State, peerId: string): Outgoing[] {
  return state.outbox.filter((outgoing) => outgoing.peerId === peerId);
}

export type Delivery = "sent" | "delivered" | "read";

export function deliveryOf(conversation: Conversation, message: Message): Delivery {
  if (message.seq <= conversation.peerReadSeq) return "read";
  return message.seq <= conversation.peerDeliveredSeq ? "delivered" : "sent";
}

/** Unicode scalar values, as the server counts them. */
export function lengthOf(body: string): number {
  let length = 0;
  for (const _ of body) length += 1;
  return length;
}
