/**
 * `make measure-chat CLIENTS=… SECONDS=…`: messages a second that are acknowledged at saturation, through one gateway and through two,
 * by a Postgres as durable as it comes. Ends with 1 if a message was lost, doubled, refused or left unanswered.
 *
 * Clients, gateways and stores share this machine's cores, so the figures say what the whole does here, and no more.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Stack } from "../stack/stack.ts";
import { logInMany } from "../storm/sessions.ts";
import { Writer } from "./writer.ts";

const CLIENTS = Number(process.env.CLIENTS || 200);
const SECONDS = Number(process.env.SECONDS || 10);
const ON_THEIR_WAY = Number(process.env.ON_THEIR_WAY || 4);
const ANSWERED_WITHIN_MS = 10_000;

type Outcome = { faults: number; line: string };

/** Pairs of neighbours write to each other; with two gateways the two of a pair are at different ones. */
async function measure(stack: Stack, origins: string[]): Promise<Outcome> {
  const tenants = Array.from({ length: 10 }, (_, at) => `t${origins.length}-${at}`);
  const users = await logInMany(stack.redis, CLIENTS, tenants);
  const writers = await Promise.all(users.map((user, at) => Writer.join(user, origins[at % origins.length] ?? "")));
  const began = performance.now();
  for (const [at, writer] of writers.entries()) writer.start(users[at % 2 === 0 ? at + 1 : at - 1]?.id ?? "", ON_THEIR_WAY);
  await pause(SECONDS * 1_000);
  const seconds = (performance.now() - began) / 1_000;
  const acked = writers.reduce((sum, one) => sum + one.acked.length, 0);
  for (const writer of writers) writer.stop();

  const unanswered = () => writers.reduce((sum, one) => sum + one.unanswered, 0);
  const undelivered = () => writers.reduce((sum, one) => sum + one.acked.length - one.delivered.length, 0);
  const deadline = performance.now() + ANSWERED_WITHIN_MS;
  while ((unanswered() > 0 || undelivered() > 0) && performance.now() < deadline) await pause(50);
  const faults = await faultsOf(stack, writers, tenants);
  for (const writer of writers) writer.close();

  const { rows } = await stack.database.query<{ messages: number; batches: number }>(
    `SELECT count(*)::int AS messages, count(DISTINCT "createdAt")::int AS batches FROM realtime."ChatMessage" WHERE "tenantId" = ANY ($1)`,
    [tenants],
  );
  const { messages, batches } = rows[0] ?? { messages: 0, batches: 1 };
  const latencies = writers.flatMap((one) => one.latencies).sort((a, b) => a - b);
  const at = (share: number) => (latencies[Math.floor(latencies.length * share)] ?? 0).toFixed(1);
  const counts = Object.entries({ ...faults, unanswered: unanswered() });
  return {
    faults: counts.reduce((sum, [, count]) => sum + count, 0),
    line:
      `${origins.length} gateway(s): ${Math.round(acked / seconds)} messages/s acked; ack p50 ${at(0.5)} ms, p99 ${at(0.99)} ms; ` +
      `${(messages / batches).toFixed(0)} messages a batch; ${counts.map(([name, count]) => `${name} ${count}`).join(", ")}`,
  };
}

/** What was acknowledged, what is stored, and what came live have to be the same, once each, with numbers that leave no gap. */
async function faultsOf(stack: Stack, writers: Writer[], tenants: string[]): Promise<Record<string, number>> {
  const { rows } = await stack.database.query<{ id: string }>(`SELECT id FROM realtime."ChatMessage" WHERE "tenantId" = ANY ($1)`, [tenants]);
  const { rows: gaps } = await stack.database.query(
    `SELECT k.id FROM realtime."ChatConversation" k JOIN realtime."ChatMessage" m ON m."conversationId" = k.id
     WHERE k."tenantId" = ANY ($1) GROUP BY k.id HAVING count(*) <> k."lastSeq" OR max(m.seq) <> k."lastSeq" OR min(m.seq) <> 1`,
    [tenants],
  );
  const [stored, acked] = [new Set(rows.map(({ id }) => id)), writers.flatMap((one) => one.acked)];
  const delivered = writers.flatMap((one) => one.delivered);
  const [ackedOnce, deliveredOnce] = [new Set(acked), new Set(delivered)];
  const refusals = writers.flatMap((one) => one.refusals);
  if (refusals.length > 0) console.log(`refused: ${refusals[0]}`);
  return {
    lost: acked.filter((id) => !stored.has(id)).length,
    doubled: acked.length - ackedOnce.size + (stored.size - ackedOnce.size) + (delivered.length - deliveredOnce.size),
    undelivered: acked.filter((id) => !deliveredOnce.has(id)).length,
    "with gaps": gaps.length,
    refused: refusals.length,
    "links lost": writers.filter(({ ending }) => ending !== undefined).length,
  };
}

const stateFolder = mkdtempSync(join(tmpdir(), "realtime-measure-"));
const unlimited = "1000000/1000000";
const stack = await Stack.start({ stateFolder, env: { REALTIME_RATE_MESSAGES: unlimited, REALTIME_RATE_EVENTS: unlimited, REALTIME_ACCEPT_RATE: unlimited } });
try {
  const { rows } = await stack.database.query<Record<string, string>>(`SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS synchronous_commit`);
  console.log(`${CLIENTS} clients, ${CLIENTS / 2} conversations, ${ON_THEIR_WAY} messages on their way each, ${SECONDS} s, ${availableParallelism()} cores; ${JSON.stringify(rows[0])}`);
  const origins = stack.gateways.map(({ url }) => url);
  for (const through of [origins.slice(0, 1), origins]) {
    const { faults, line } = await measure(stack, through);
    console.log(line);
    if (faults > 0) process.exitCode = 1;
  }
} finally {
  await stack.stop();
  rmSync(stateFolder, { recursive: true, force: true });
}
