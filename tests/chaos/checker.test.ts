/** The checker can fail: for each promise there is a way to break a sound ledger under which that promise, and it alone where that can be, goes red. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { brokenPromises, PROMISES, type PromiseName } from "./checker.ts";
import type { Ledger, Row } from "./ledger.ts";
import { soundLedger } from "./sound-ledger.ts";

type Sabotage = { what: string; breaks: PromiseName[]; harm: (ledger: Ledger) => void };

/** Moves every copy of every message. */
function refile({ acked, delivered, rows, holdings, conversations, marks }: Ledger, place: (message: Row) => Partial<Row>): void {
  const moved = <T extends Row>(message: T) => ({ ...message, ...place(message) });
  for (const copy of [...acked, ...delivered]) copy.message = moved(copy.message);
  for (const holding of holdings) holding.messages = holding.messages.map(moved);
  rows.splice(0, rows.length, ...rows.map(moved));
  const [{ conversationId, tenantId }] = rows as [Row];
  Object.assign(conversations[0]!, { id: conversationId, tenantId });
  for (const mark of marks) mark.conversationId = conversationId;
}

const SABOTAGES: Sabotage[] = [
  { what: "an acknowledged row is gone", breaks: ["ackedIsStoredOnce", "seqIsGapless", "devicesEqualTable", "deliveredIsStored"], harm: ({ rows }) => void rows.splice(1, 1) },
  {
    what: "a message was never stored, and nobody noticed but its sender",
    breaks: ["ackedIsStoredOnce"],
    harm: ({ sent, acked }) => {
      sent.push({ ...sent[0]!, clientMessageId: "lost" });
      acked.push({ ...acked[0]!, clientMessageId: "lost", message: { ...acked[0]!.message, clientMessageId: "lost" } });
    },
  },
  { what: "a resend was given another number", breaks: ["ackedIsStoredOnce"], harm: ({ acked }) => void acked.push({ ...acked[0]!, message: { ...acked[0]!.message, seq: 2 } }) },
  { what: "a row that nobody sent", breaks: ["storedWasSent"], harm: ({ sent }) => void sent.splice(1, 1) },
  { what: "a body was changed on its way", breaks: ["storedWasSent"], harm: ({ sent }) => void (sent[0] = { ...sent[0]!, body: "something else" }) },
  { what: "the conversation remembers a number that no row has", breaks: ["seqIsGapless"], harm: ({ conversations }) => void (conversations[0]!.lastSeq += 1) },
  { what: "a device lacks a message", breaks: ["sidesAgree", "devicesEqualTable"], harm: ({ holdings }) => void holdings[0]!.messages.pop() },
  {
    what: "one side has two messages the other way round",
    breaks: ["sidesAgree", "devicesEqualTable"],
    harm: ({ holdings }) => {
      const [first, second] = holdings[0]!.messages;
      holdings[0]!.messages = [{ ...first!, seq: second!.seq }, { ...second!, seq: first!.seq }];
    },
  },
  {
    what: "all devices hold what is not in the table",
    breaks: ["devicesEqualTable"],
    harm: ({ holdings }) => holdings.forEach(({ messages }) => messages.push({ ...messages[0]!, id: "ghost", seq: 3 })),
  },
  {
    what: "a message came with another body",
    breaks: ["deliveredIsStored"],
    harm: ({ delivered }) => void (delivered[0] = { ...delivered[0]!, message: { ...delivered[0]!.message, body: "changed" } }),
  },
  {
    what: "a message came that was never stored",
    breaks: ["deliveredIsStored"],
    harm: ({ delivered }) => void delivered.push({ ...delivered[0]!, message: { ...delivered[0]!.message, id: "phantom", seq: 3 } }),
  },
  {
    what: "a third of the tenant got a message between two others",
    breaks: ["onlyItsSidesHear"],
    harm: ({ delivered }) => void delivered.push({ ...delivered[0]!, connection: "u3#1/1", userId: "u3" }),
  },
  {
    what: "a message came with the hearer as its recipient, who is not",
    breaks: ["deliveredIsStored", "onlyItsSidesHear"],
    harm: ({ delivered }) => void delivered.push({ connection: "u3#1/1", userId: "u3", message: { ...delivered[0]!.message, recipientId: "u3" } }),
  },
  { what: "a resend was given another time", breaks: ["ackedIsStoredOnce"], harm: ({ acked }) => void (acked[2] = { ...acked[2]!, message: { ...acked[2]!.message, createdAt: "2026-11-24T02:44:46.000Z" } }) },
  {
    what: "all is in a conversation of another tenant",
    breaks: ["conversationsFollowTheirSides"],
    harm: (ledger) => refile(ledger, () => ({ conversationId: "t_zqbqz:u1:u2", tenantId: "t_zqbqz" })),
  },
  {
    what: "a conversation has the other's tenant in its row alone",
    breaks: ["conversationsFollowTheirSides"],
    harm: ({ conversations }) => void (conversations[0]!.tenantId = "t_zqbqz"),
  },
  {
    what: "each direction has a conversation of its own",
    breaks: ["conversationsFollowTheirSides"],
    harm: (ledger) => {
      refile(ledger, ({ senderId, recipientId }) => ({ conversationId: `t_zqaqz:${senderId}:${recipientId}`, seq: 1 }));
      const [one] = ledger.conversations;
      ledger.conversations = ["t_zqaqz:u1:u2", "t_zqaqz:u2:u1"].map((id) => ({ ...one!, id, lastSeq: 1, readSeqB: 1 }));
      for (const mark of ledger.marks) mark.upToSeq = 1;
    },
  },
  { what: "a conversation is between two tenants", breaks: ["conversationsFollowTheirSides"], harm: ({ people }) => void (people[1]!.tenantId = "t_zqbqz") },
  {
    what: "a conversation remembers numbers and has no rows",
    breaks: ["seqIsGapless"],
    harm: ({ people, conversations }) => {
      people.push({ id: "u3", tenantId: "t_zqaqz" });
      conversations.push({ ...conversations[0]!, id: "t_zqaqz:u1:u3", userB: "u3", lastSeq: 5 });
    },
  },
  { what: "a message came twice", breaks: ["deliveredOnce"], harm: ({ delivered }) => void delivered.push(delivered[0]!) },
  { what: "more was read than was written, in the table", breaks: ["marksStayWithin"], harm: ({ conversations }) => void (conversations[0]!.readSeqB = 3) },
  {
    what: "more was read than was written, as one side was told",
    breaks: ["marksStayWithin", "marksOnlyGrow"],
    harm: ({ marks }) => void (marks[1] = { ...marks[1]!, upToSeq: 3 }),
  },
  { what: "a mark went back", breaks: ["marksOnlyGrow"], harm: ({ marks }) => void marks.reverse() },
  { what: "the table forgot a mark", breaks: ["marksOnlyGrow"], harm: ({ conversations }) => void (conversations[0]!.readSeqB = 1) },
  { what: "a ghost is online", breaks: ["presenceIsTrue"], harm: ({ presence }) => void presence[0]!.believed.push("ghost") },
  { what: "somebody is not seen", breaks: ["presenceIsTrue"], harm: ({ presence }) => void presence[0]!.believed.pop() },
  { what: "a departure was told twice", breaks: ["offlineIsToldOnce"], harm: ({ absences }) => void (absences[0]!.times = 2) },
  { what: "a departure was told to nobody", breaks: ["offlineIsToldOnce"], harm: ({ absences }) => void (absences[0]!.times = 0) },
  { what: "somebody left who was not there", breaks: ["offlineIsToldOnce"], harm: ({ toldOffline }) => void (toldOffline[0]!.wasOnline = false) },
  {
    what: "a frame with another tenant's marker",
    breaks: ["tenantsStayApart"],
    harm: ({ leaked }) => void leaked.push({ userId: "u1", tenantId: "t_zqaqz", marker: "t_zqbqz", frame: "2/tenant,[…]" }),
  },
  { what: "a Redis link was leaked", breaks: ["linksAreGivenBack"], harm: ({ usage }) => void (usage[0]!.left.redisLinks += 1) },
  { what: "Postgres links beyond the pool", breaks: ["linksAreGivenBack"], harm: ({ usage }) => void (usage[0]!.left.postgresLinks = 9) },
  { what: "every socket left a file behind", breaks: ["linksAreGivenBack"], harm: ({ usage }) => void (usage[0]!.left.files += 60) },
  { what: "a subscription outlived its user", breaks: ["subscriptionsEnd"], harm: ({ channels }) => void channels.push("rt:room:tenant#user:u1") },
  { what: "a key that stays for ever", breaks: ["keysEnd"], harm: ({ keys }) => void (keys[0]!.ttlMs = -1) },
  { what: "a key that nobody knows", breaks: ["keysEnd"], harm: ({ keys }) => void keys.push({ key: "rt:{t_zqaqz}:counter", ttlMs: 1_000, type: "string" }) },
  { what: "a gateway grew by half", breaks: ["memoryStays"], harm: ({ memory }) => void (memory[0]!.last *= 1.5) },
  { what: "a device never came back", breaks: ["everybodyReturns"], harm: ({ stuck }) => void stuck.push("u1#1 did not come back") },
];

test("a_sound_ledger_keeps_every_promise", () => {
  assert.deepEqual(brokenPromises(soundLedger()), []);
});

for (const { what, breaks, harm } of SABOTAGES) {
  test(`found_out: ${what}`, () => {
    const ledger = soundLedger();
    harm(ledger);
    assert.deepEqual(brokenPromises(ledger), breaks);
  });
}

test("every_promise_can_be_seen_broken", () => {
  const broken = new Set(SABOTAGES.flatMap(({ breaks }) => breaks));
  assert.deepEqual((Object.keys(PROMISES) as PromiseName[]).filter((promise) => !broken.has(promise)), []);
});
