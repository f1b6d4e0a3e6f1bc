/**
 * What the chat of a portal page knows, and how each event changes it. No DOM, no socket.
 * A conversation is filed under its peer: { id, messages ascending by seq, pending, unread, firstShown, hasEarlier }.
 * Sync brings more than anybody wants to look at, so what is shown begins at seq `firstShown`.
 */
export const PAGE_SIZE = 50;

export function createState(selfId) {
  return { selfId, people: new Map(), online: new Map(), conversations: new Map(), open: null };
}

export function conversationWith(state, peerId) {
  let conversation = state.conversations.get(peerId);
  if (!conversation) {
    conversation = { id: null, messages: [], pending: [], unread: 0, firstShown: 0, hasEarlier: false };
    state.conversations.set(peerId, conversation);
  }
  return conversation;
}

/** Names that arrive from anywhere; a nameless entry never hides a name that is known. */
export function addPeople(state, people) {
  for (const person of people) {
    const known = state.people.get(person.id);
    state.people.set(person.id, { ...known, ...person, name: person.name ?? known?.name ?? null });
  }
}

export function nameOf(state, userId) {
  return state.people.get(userId)?.name ?? userId;
}

export function replaceOnline(state, users) {
  state.online = new Map(users.map((user) => [user.id, user]));
  addPeople(state, users);
}

/** @param {any} state @param {{ online?: any[], offline?: any[], changed?: any[] }} diff */
export function applyPresenceDiff(state, { online = [], offline = [], changed = [] }) {
  for (const user of [...online, ...changed]) state.online.set(user.id, user);
  addPeople(state, [...online, ...changed]);
  for (const { id } of offline) state.online.delete(id);
}

/** The answer to presence:watch is the truth about the ids that were asked for. */
export function applyWatched(state, userIds, users) {
  for (const id of userIds) state.online.delete(id);
  applyPresenceDiff(state, { online: users });
}

/** Merges by seq, so that it does not matter in which order and how often messages arrive. Returns how many were new. */
export function addMessages(state, messages) {
  let added = 0;
  for (const message of messages) {
    const isMine = message.senderId === state.selfId;
    const conversation = conversationWith(state, isMine ? message.recipientId : message.senderId);
    conversation.id = message.conversationId;
    if (isMine) {
      conversation.pending = conversation.pending.filter((sent) => sent.clientMessageId !== message.clientMessageId);
    }
    const held = conversation.messages;
    let at = held.length;
    while (at > 0 && held[at - 1].seq > message.seq) at -= 1;
    if (held[at - 1]?.seq === message.seq) {
      held[at - 1] = message;
      continue;
    }
    held.splice(at, 0, message);
    added += 1;
  }
  return added;
}

export function countUnread(state, message) {
  const peerId = message.senderId;
  if (peerId !== state.selfId && peerId !== state.open) conversationWith(state, peerId).unread += 1;
}

/** Index of the last message of the first run without a gap; -1 when nothing is held. */
function endOfFirstRun(messages) {
  let end = messages.length > 0 ? 0 : -1;
  while (end >= 0 && messages[end + 1]?.seq === messages[end].seq + 1) end += 1;
  return end;
}

export function hasGap(state) {
  return [...state.conversations.values()].some(({ messages }) => endOfFirstRun(messages) < messages.length - 1);
}

/** What `sync` is told that this page holds: up to the first gap of each conversation. */
export function sinceOf(state) {
  const since = {};
  for (const { id, messages } of state.conversations.values()) {
    if (id && messages.length > 0) since[id] = messages[endOfFirstRun(messages)].seq;
  }
  return since;
}

/** Opens at the newest page of what is held, until the answer of message:history says better. */
export function openConversation(state, peerId) {
  const conversation = conversationWith(state, peerId);
  state.open = peerId;
  conversation.firstShown = conversation.messages.at(-PAGE_SIZE)?.seq ?? 0;
  conversation.hasEarlier = conversation.firstShown > 1;
  conversation.unread = 0;
}

/** A page of message:history: the newest, or the one before what was shown. */
export function addPage(state, peerId, { messages, hasMore }) {
  addMessages(state, messages);
  const conversation = conversationWith(state, peerId);
  if (messages.length > 0) conversation.firstShown = messages[0].seq;
  conversation.hasEarlier = hasMore;
}

export function shownMessages({ messages, firstShown }) {
  return messages.filter(({ seq }) => seq >= firstShown);
}

export function addPending(state, peerId, clientMessageId, body) {
  conversationWith(state, peerId).pending.push({ clientMessageId, body, state: "sending", error: null });
}

export function setPending(state, peerId, clientMessageId, pendingState, error = null) {
  const sent = conversationWith(state, peerId).pending.find((entry) => entry.clientMessageId === clientMessageId);
  if (sent) Object.assign(sent, { state: pendingState, error });
  return sent;
}
