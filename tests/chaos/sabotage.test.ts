/** The checker finds out what is done to the real system, without any fault that would excuse it. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { askRedis } from "../stack/redis.ts";
import { brokenPromises, type PromiseName } from "./checker.ts";
import type { City } from "./city.ts";
import { run } from "./run.ts";

const WITHIN_MS = 120_000;
const WORK_MS = 2_000;

/** What a gateway publishes to a room: version 1, for sockets of one tenant, nobody left out; see `shared-protocol/src/bus/envelope.rs`. */
function envelopeFor(tenantId: string, frame: string): string {
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32BE(tenantId.length, 0);
  return Buffer.concat([Buffer.from([1, 1, 0]), lengths, Buffer.from(tenantId), Buffer.from(frame)]).toString("latin1");
}

async function publishToUser(city: City, userId: string, tenantId: string, event: string, payload: unknown): Promise<void> {
  const frame = `42/tenant,${JSON.stringify([event, payload])}`;
  const lua = "return redis.call('PUBLISH', ARGV[1], cjson.decode(ARGV[2]))";
  // Through JSON, since an argument cannot hold a zero byte.
  await askRedis(city.stack.redis.url, "EVAL", lua, "0", `rt:room:tenant#user:${userId}`, JSON.stringify(envelopeFor(tenantId, frame)));
}

async function announceFalsely(city: City, tenantId: string, userId: string): Promise<void> {
  const lua = `
    local last = redis.call('GET', KEYS[1])
    local version = string.format('%.0f', tonumber(last) + 1)
    redis.call('SET', KEYS[1], version, 'PX', 16000)
    return redis.call('PUBLISH', ARGV[1], cjson.encode({ f = 1, v = version, prev = last, offline = { { id = ARGV[2], at = 0 } } }))`;
  await askRedis(city.stack.redis.url, "EVAL", lua, "1", `rt:{${tenantId}}:last`, `rt:{${tenantId}}:changes`, userId);
}

async function harm(city: City): Promise<void> {
  const { database, redis } = city.stack;
  const [victim, stranger] = city.ledger.delivered.flatMap(({ message }) => (message.tenantId === null ? [] : [message]));
  assert.ok(victim && stranger, "people have written to each other");
  const tenantId = victim.tenantId!;
  const member = city.users.find(({ account }) => account.tenantId === tenantId)!;
  const foreign = city.users.find(({ account }) => account.tenantId !== null && account.tenantId !== tenantId)!;

  await database.query(`DELETE FROM realtime."ChatMessage" WHERE id = $1`, [victim.id]);
  await database.query(`UPDATE realtime."ChatMessage" SET body = 'changed' WHERE id = (SELECT min(id::text)::uuid FROM realtime."ChatMessage")`);
  await database.query(`UPDATE realtime."ChatConversation" SET "readSeqA" = "lastSeq" + 1`);
  await database.query(`UPDATE realtime."ChatMessage" SET "tenantId" = $2 WHERE id = $1`, [stranger.id, foreign.account.tenantId]);
  const leaked = { ...victim, id: "leaked", conversationId: "elsewhere", tenantId: foreign.account.tenantId, body: `for ${foreign.id} alone` };
  for (let times = 0; times < 2; times += 1) await publishToUser(city, member.id, tenantId, "message:new", leaked);
  await publishToUser(city, stranger.senderId, stranger.tenantId!, "message:new", { ...stranger, id: "phantom", seq: 77, body: "never sent" });
  const third = city.users.find(({ id, account }) => account.tenantId === tenantId && id !== victim.senderId && id !== victim.recipientId)!;
  await publishToUser(city, third.id, tenantId, "message:new", victim);
  await announceFalsely(city, tenantId, member.id);
  await askRedis(redis.url, "SET", "rt:left-behind", "1");
  for (let links = 0; links < 8; links += 1) {
    const link = connect(city.link("redis", links % 3).port, "127.0.0.1").on("error", () => {});
    await once(link, "connect");
  }
}

test("what_is_done_to_the_system_is_found_out", { timeout: WITHIN_MS }, async (context) => {
  const plan = { seed: 1, durationMs: WORK_MS, families: [] };
  const ledger = await run({ plan, users: 16, tell: (line) => context.diagnostic(line), sabotage: harm });
  const broken = brokenPromises(ledger);
  const expected: PromiseName[] = [
    "ackedIsStoredOnce",
    "storedWasSent",
    "seqIsGapless",
    "devicesEqualTable",
    "deliveredOnce",
    "deliveredIsStored",
    "onlyItsSidesHear",
    "conversationsFollowTheirSides",
    "marksStayWithin",
    "presenceIsTrue",
    "tenantsStayApart",
    "linksAreGivenBack",
    "keysEnd",
  ];
  for (const promise of expected) assert.ok(broken.includes(promise), `${promise} went unnoticed; found: ${broken.join(", ")}`);
});
