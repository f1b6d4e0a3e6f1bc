/**
 * What happened, as plain data: what was sent, acknowledged, received and seen, and what was found when it was over. The checker
 * reads nothing else.
 */
import type { Message } from "../clients/wire.ts";

export type Sent = { senderId: string; recipientId: string; clientMessageId: string; body: string };
export type Acked = { senderId: string; clientMessageId: string; message: Message };
/** Who takes part; staff are of no tenant. */
export type Person = { id: string; tenantId: string | null };
/** A message that came by itself, at one connection of one device. */
export type Delivered = { connection: string; userId: string; message: Message };
/**
 * How far somebody has read or received, as one connection was told: by an answer, or by a push. Pushes of two instances may
 * overtake each other; answers may not.
 */
export type Mark = { connection: string; conversationId: string; by: string; kind: "read" | "delivered"; upToSeq: number; isPush: boolean };
/** A presence diff told one connection that somebody had left. */
export type ToldOffline = { connection: string; observerId: string; userId: string; wasOnline: boolean };
/** The first frame in which somebody of one tenant saw the marker of another. */
export type Leaked = { userId: string; tenantId: string; marker: string; frame: string };

export type Row = Pick<Message, "id" | "conversationId" | "seq" | "senderId" | "recipientId" | "body" | "clientMessageId" | "tenantId" | "createdAt">;
export type ConversationRow = { id: string; tenantId: string | null; userA: string; userB: string; lastSeq: number; readSeqA: number; readSeqB: number; deliveredSeqA: number; deliveredSeqB: number };
/** All that a device holds after its last `sync`. */
export type Holding = { device: string; userId: string; tenantId: string | null; messages: Message[] };
/** Whom an observer believed to be online when lease + 2 s had passed since the last change, and who was. */
export type PresenceView = { when: string; observerId: string; believed: string[]; truth: string[] };
/** Somebody who left for good in calm weather, and how often one who stayed was told. */
export type Absence = { userId: string; observerId: string; times: number };
export type Usage = { redisLinks: number; postgresLinks: number; files: number };
export type GatewayUsage = { gateway: string; empty: Usage; left: Usage };
/** Resident memory in MB of a process that runs at the end: when it had settled in, and after the storm. */
export type GatewayMemory = { gateway: string; first: number; last: number };
/** A key of ours when all had left; `ttlMs` -1: it would stay for ever. */
export type LeftKey = { key: string; ttlMs: number; type: string };

export type Ledger = {
  people: Person[];
  sent: Sent[];
  acked: Acked[];
  delivered: Delivered[];
  marks: Mark[];
  toldOffline: ToldOffline[];
  leaked: Leaked[];
  rows: Row[];
  conversations: ConversationRow[];
  holdings: Holding[];
  presence: PresenceView[];
  absences: Absence[];
  usage: GatewayUsage[];
  memory: GatewayMemory[];
  keys: LeftKey[];
  channels: string[];
  /** What did not come about in time: a device that never came back, a message that could never be sent. */
  stuck: string[];
};

export function emptyLedger(): Ledger {
  return {
    people: [],
    sent: [],
    acked: [],
    delivered: [],
    marks: [],
    toldOffline: [],
    leaked: [],
    rows: [],
    conversations: [],
    holdings: [],
    presence: [],
    absences: [],
    usage: [],
    memory: [],
    keys: [],
    channels: [],
    stuck: [],
  };
}
