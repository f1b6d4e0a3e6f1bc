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
export type ToldOffline = { at: number; connection: string; observerId: string; userId: string; wasOnline: boolean };
/** A session of the API: when it was asked for, and when and why it ended, if it did. */
export type Session = { id: string; userId: string; askedAt: number; loggedOutAt?: number };
/**
 * A connection that was told to go, ended, or never came about. `code`: the reason of `session:expired`, the code of
 * CONNECT_ERROR, the number in a WebSocket's close frame; none where the link itself failed.
 */
export type Ending = { at: number; connection: string; session: string; kind: "session:expired" | "disconnect" | "connect_error"; reason: string; code?: string | number };
/** How a gateway's process ended: told to by a signal, or by itself. */
export type GatewayEnding = { gateway: string; told: "SIGKILL" | "SIGTERM" | null; code: number | null; how: string };
/** A fault as it was, from its beginning until it was mended; times as `Date.now()` has them. */
export type Weather = { kind: string; from: number; until: number };
/** A time without a gap in which a device of somebody was connected, by its own record; `until` Infinity: it still is. */
export type Attendance = { userId: string; from: number; until: number };
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
  attendance: Attendance[];
  sessions: Session[];
  endings: Ending[];
  gatewayEndings: GatewayEnding[];
  weather: Weather[];
  leaked: Leaked[];
  rows: Row[];
  conversations: ConversationRow[];
  holdings: Holding[];
  presence: PresenceView[];
  absences: Absence[];
  /** Of each gateway by name, whether it ran at the end or not. */
  gateways: string[];
  usage: GatewayUsage[];
  memory: GatewayMemory[];
  keys: LeftKey[];
  channels: string[];
  /** What did not come about in time: a device that never came back, a message that could never be sent. */
  stuck: string[];
  /** Commits whose answer the gateway never heard. */
  answersLost: number;
};

export function emptyLedger(): Ledger {
  return {
    people: [],
    sent: [],
    acked: [],
    delivered: [],
    marks: [],
    toldOffline: [],
    attendance: [],
    sessions: [],
    endings: [],
    gatewayEndings: [],
    weather: [],
    leaked: [],
    rows: [],
    conversations: [],
    holdings: [],
    presence: [],
    absences: [],
    gateways: [],
    usage: [],
    memory: [],
    keys: [],
    channels: [],
    stuck: [],
    answersLost: 0,
  };
}
