/** What is asked about a target in each event, and what the event catalogue says that the answer must be. */
import assert from "node:assert/strict";
import type { ConversationListPage, ErrorCode, Message, PresenceListPage, PresenceWatched, SyncPage, User, UsersFound } from "@realtime/protocol";
import type { EventName, Payload } from "./samples.ts";
import { mayList, relation, type Relation, type Target } from "./targets.ts";
import type { Person, World } from "./world.ts";

export type Question = {
  payload: Payload;
  /** The error, and the field that its text begins with; otherwise the event takes effect. */
  refusal?: { code: ErrorCode; field?: string };
  /** The answer must not differ by a byte from that to the same question about somebody who does not exist. */
  isHidden: boolean;
  /** Looks at the data of the answer. */
  check?: (data: never) => void;
};

export type Asked = { world: World; caller: Person; target: Target };
type Row = (asked: Asked & { relation: Relation }) => Question[];

const NO_ID = (field: string) => ({ code: "invalid_payload", field }) as const;

/** Events that name one peer: the table "Reach" to the letter. */
function aboutPeer(field: string, payload: (id: string, isInReach: boolean) => Payload): Row {
  return ({ target, relation }) => {
    const question = { payload: payload(target.id, relation === "in reach") };
    if (relation === "in reach") return [{ ...question, isHidden: false }];
    if (relation === "out of reach") return [{ ...question, isHidden: true, refusal: { code: "recipient_not_found" } }];
    return [{ ...question, isHidden: false, refusal: NO_ID(field) }];
  };
}

const ROWS: Record<EventName, Row> = {
  // One name for all that is refused: a refusal must not use it up.
  "message:send": aboutPeer("to", (to, isInReach) => ({ to, body: "hello", clientMessageId: isInReach ? crypto.randomUUID() : "refused" })),
  "message:history": aboutPeer("with", (peer) => ({ with: peer })),
  "message:read": aboutPeer("with", (peer) => ({ with: peer, upToSeq: 1 })),
  "message:delivered": aboutPeer("with", (peer) => ({ with: peer, upToSeq: 1 })),
  typing: aboutPeer("to", (to) => ({ to, typing: true })),
  sync: (asked) => [
    { payload: { since: Object.fromEntries(foreignConversations(asked).map((id) => [id, 0])), others: "none" }, isHidden: true, check: nothingIn },
    { payload: { since: {}, others: "all", limit: 1000 }, isHidden: false, check: ownAlone(asked) },
  ],
  "conversation:list": (asked) => {
    const [conversation] = foreignConversations(asked);
    const payload = { cursor: `4000000000000:${conversation}` };
    if (isNoPair(asked.relation)) return [{ payload, isHidden: false, refusal: NO_ID("cursor") }];
    return [{ payload, isHidden: true, check: listsOwnAlone(asked) }];
  },
  "presence:list": (asked) => [byName(asked), byCursor(asked), byTenant(asked)],
  "presence:tenants": ({ caller, target, relation }) => {
    const payload = { cursor: target.id };
    if (caller.realm !== "staff") return [{ payload, isHidden: true, refusal: { code: "forbidden" } }];
    return [{ payload, isHidden: false, ...(relation === "no id" ? { refusal: NO_ID("cursor") } : {}) }];
  },
  "presence:watch": ({ world, caller, target, relation }) => {
    const payload = { userIds: [target.id] };
    if (relation === "no id") return [{ payload, isHidden: false, refusal: NO_ID("userIds") }];
    const listed = shown(world, caller, ({ id }) => id === target.id);
    return [{ payload, isHidden: listed.length === 0, check: exactly(listed) }];
  },
  "user:search": ({ world, caller, target }) => {
    // Those who have left are found as well.
    const found = Object.values(world.people).filter((person) => person.name === target.name && mayList(caller, person));
    return [{ payload: { query: target.name }, isHidden: found.length === 0, check: exactly(found) }];
  },
};

function byName({ world, caller, target }: Asked): Question {
  const listed = shown(world, caller, ({ name }) => name === target.name);
  return { payload: { query: target.name }, isHidden: listed.length === 0, check: exactly(listed) };
}

function byCursor({ world, caller, target, relation }: Asked & { relation: Relation }): Question {
  const payload = { cursor: `:${target.id}` };
  if (relation === "no id") return { payload, isHidden: false, refusal: NO_ID("cursor") };
  return { payload, isHidden: caller.realm !== "staff", check: onlyFrom(shown(world, caller, () => true)) };
}

/** For staff alone; others are not even told whether it is an id. */
function byTenant({ world, caller, target, relation }: Asked & { relation: Relation }): Question {
  const tenantId = target.person?.tenantId ?? target.id;
  const payload = { tenantId };
  if (caller.realm !== "staff") return { payload, isHidden: true, refusal: NO_ID("tenantId") };
  if (relation === "no id") return { payload, isHidden: false, refusal: NO_ID("tenantId") };
  return { payload, isHidden: false, check: exactly(shown(world, caller, (person) => person.tenantId === tenantId)) };
}

export function questions(event: string, asked: Asked): Question[] {
  const row = ROWS[event as EventName];
  assert.ok(row, `no row says whom ${event} may reach`);
  return row({ ...asked, relation: relation(asked.world, asked.caller, asked.target) });
}

/** Nobody has a conversation with themselves, so its id is none. */
function isNoPair(relation: Relation): boolean {
  return relation === "no id" || relation === "oneself";
}

/** Conversations that the caller has no part in: real ones of the target, and such as would be theirs elsewhere. */
function foreignConversations({ world, caller, target }: Asked): string[] {
  const real = world.messages.filter(({ senderId, recipientId }) => {
    const pair = [senderId, recipientId];
    return pair.includes(target.id) && !pair.includes(caller.id);
  });
  const pair = [caller.id, target.id].sort().join(":");
  const homes = new Set(Object.values(world.people).map(({ tenantId }) => tenantId ?? ""));
  // Staff are at home in all of them.
  const foreign = caller.realm === "staff" ? [] : [...homes].filter((tenantId) => tenantId !== caller.tenantId);
  const elsewhere = ["t_nowhere", ...foreign];
  return [...elsewhere.map((tenantId) => `${tenantId}:${pair}`), ...real.map(({ conversationId }) => conversationId)];
}

function shown(world: World, caller: Person, isMeant: (person: Person) => boolean): Person[] {
  return Object.values(world.people).filter((person) => person.link && mayList(caller, person) && isMeant(person));
}

const names = (people: { name: string | null }[]) => people.map(({ name }) => name).sort();

function exactly(people: Person[]) {
  return ({ users }: PresenceListPage | PresenceWatched | UsersFound) => assert.deepEqual(names(users as User[]), names(people));
}

function onlyFrom(people: Person[]) {
  return ({ users }: PresenceListPage) => assert.deepEqual(names(users).filter((name) => !names(people).includes(name)), []);
}

function nothingIn({ messages, reads }: SyncPage): void {
  assert.deepEqual([messages, reads], [[], {}]);
}

function ownAlone({ caller }: Asked) {
  return ({ messages, reads }: SyncPage) => {
    messages.forEach((message) => isOwn(caller, message));
    for (const id of Object.keys(reads)) assert.ok(isOwnConversation(caller, id), id);
  };
}

function listsOwnAlone({ caller }: Asked) {
  return ({ conversations }: ConversationListPage) => {
    for (const { conversationId, lastMessage } of conversations) {
      assert.ok(isOwnConversation(caller, conversationId), conversationId);
      if (lastMessage) isOwn(caller, lastMessage);
    }
  };
}

function isOwn(caller: Person, { senderId, recipientId, tenantId }: Message): void {
  assert.ok(senderId === caller.id || recipientId === caller.id);
  if (caller.realm !== "staff") assert.equal(tenantId, caller.tenantId);
}

function isOwnConversation(caller: Person, id: string): boolean {
  const [tenantId, ...users] = id.split(":");
  return users.includes(caller.id) && (caller.realm === "staff" || tenantId === caller.tenantId);
}
