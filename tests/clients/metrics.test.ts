/** What an operator reads at /metrics after known things have happened. */
import assert from "node:assert/strict";
import { waitUntil } from "../stack/wait-until.ts";
import type { Scene } from "./scene.ts";
import { storiesOn } from "./story.ts";

const story = storiesOn();

/** The sum over the gateways of one series each. */
async function read(scene: Scene, series: string): Promise<number> {
  const pages = await Promise.all(scene.stack.gateways.map(async ({ opsUrl }) => (await fetch(`${opsUrl}/metrics`)).text()));
  const value = (page: string) => page.split("\n").find((line) => line.startsWith(`${series} `))?.slice(series.length + 1);
  return pages.reduce((sum, page) => sum + Number(value(page) ?? 0), 0);
}

const SERIES = {
  stored: 'realtime_messages_total{outcome="stored"}',
  resent: 'realtime_messages_total{outcome="resent"}',
  batches: "realtime_message_batch_size_count",
  inBatches: "realtime_message_batch_size_sum",
  commits: "realtime_message_commit_seconds_count",
  sent: 'realtime_events_total{event="message:send",outcome="ok"}',
  invalid: 'realtime_events_total{event="message:send",outcome="invalid_payload"}',
  unknown: 'realtime_events_total{event="unknown",outcome="unknown_event"}',
  watched: 'realtime_events_total{event="presence:watch",outcome="ok"}',
  answers: "realtime_event_seconds_count",
  joined: 'realtime_connects_total{namespace="/tenant",outcome="ok"}',
  refused: 'realtime_connects_total{namespace="/manage",outcome="forbidden"}',
  published: "realtime_bus_published_total",
  received: "realtime_bus_received_total",
} as const;

type Counts = Record<keyof typeof SERIES, number>;

async function readAll(scene: Scene): Promise<Counts> {
  const entries = Object.entries(SERIES).map(async ([name, series]) => [name, await read(scene, series)] as const);
  return Object.fromEntries(await Promise.all(entries)) as Counts;
}

story("what_happens_is_counted_by_names_of_our_own", async (scene) => {
  const acme = await scene.tenant();
  const before = await readAll(scene);
  const socketsBefore = await read(scene, 'realtime_sockets{namespace="/tenant"}');
  const [first, second] = scene.stack.gateways.map(({ url }) => url);
  const alice = await scene.memberAt(acme, "dashboard", "Alice", { url: first });
  const bob = await scene.memberAt(acme, "dm", "Bob", { url: second });
  assert.equal((await scene.refused(alice.login, "manage")).data?.code, "forbidden");
  const clientMessageId = crypto.randomUUID();
  for (let time = 0; time < 3; time += 1) await alice.send(bob.userId, "hello", clientMessageId);
  await alice.refusal("message:send", { to: bob.userId, body: 7, clientMessageId });
  await alice.refusal("no:such\nevent", {});
  await alice.ask("presence:watch", { userIds: [bob.userId] });
  await bob.next("message:new");

  const after = await readAll(scene);
  const grown = Object.fromEntries(Object.entries(after).map(([name, count]) => [name, count - before[name as keyof Counts]])) as Counts;
  const { published, received, batches, inBatches, commits, ...exact } = grown;
  assert.deepEqual(exact, { stored: 1, resent: 2, sent: 3, invalid: 1, unknown: 1, watched: 1, answers: 6, joined: 2, refused: 1 });
  assert.deepEqual([batches, inBatches, commits], [3, 3, 3]);
  assert.ok(published > 0 && received > 0, `${published} published, ${received} received`);
  assert.equal(await read(scene, 'realtime_sockets{namespace="/tenant"}'), socketsBefore + 2);
  for (const tab of [alice, bob]) tab.close();
  await waitUntil("the sockets to be counted back", async () => (await read(scene, 'realtime_sockets{namespace="/tenant"}')) === socketsBefore);
  for (const { opsUrl } of scene.stack.gateways) {
    const page = await (await fetch(`${opsUrl}/metrics`)).text();
    for (const theirs of ["no:such", acme, alice.userId, "hello"]) assert.ok(!page.includes(theirs), `${theirs} is in no label`);
  }
});

story("who_is_there_and_how_the_gateway_fares_can_be_read", async (scene) => {
  const acme = await scene.tenant();
  const grown = async (series: string, before: number, by: number) =>
    waitUntil(`${series} to have grown by ${by}`, async () => (await read(scene, series)) >= before + by);
  const series = {
    online: 'realtime_presence_changes_total{change="online"}',
    offline: 'realtime_presence_changes_total{change="offline"}',
    beats: 'realtime_presence_heartbeats_total{outcome="ok"}',
    rechecks: 'realtime_session_rechecks_total{outcome="present"}',
    revoked: 'realtime_session_ends_total{reason="revoked"}',
    lag: "realtime_bus_lag_seconds_count",
    delivered: "realtime_delivery_seconds_count",
  } as const;
  const before = Object.fromEntries(await Promise.all(Object.entries(series).map(async ([name, text]) => [name, await read(scene, text)] as const)));
  const [first, second] = scene.stack.gateways.map(({ url }) => url);
  const alice = await scene.memberAt(acme, "dashboard", "Alice", { url: first });
  const bob = await scene.memberAt(acme, "dm", "Bob", { url: second });
  await alice.send(bob.userId, "hello");
  await bob.next("message:new");
  for (const [name, by] of [["online", 2], ["beats", 4], ["rechecks", 2], ["lag", 2], ["delivered", 2]] as const) {
    await grown(series[name], before[name] ?? 0, by);
  }
  await waitUntil("both to be counted", async () => (await read(scene, "realtime_presence_users")) >= 2 && (await read(scene, "realtime_sessions")) >= 2);
  await bob.login.logOut();
  await grown(series.revoked, before.revoked ?? 0, 1);
  await grown(series.offline, before.offline ?? 0, 1);
  // Who was here before is counted until the next heartbeat, so it is the fall that tells.
  const users = await read(scene, "realtime_presence_users");
  alice.close();
  await waitUntil("one less to be counted", async () => (await read(scene, "realtime_presence_users")) < users);

  for (const check of ["redis", "postgres", "migrations"]) assert.equal(await read(scene, `realtime_readiness{check="${check}"}`), 2, check);
  assert.deepEqual([await read(scene, 'realtime_readiness{check="draining"}'), await read(scene, "realtime_ready")], [0, 2]);
  for (const gauge of ["realtime_connections_max", "realtime_tasks", "realtime_open_files"]) assert.ok((await read(scene, gauge)) > 20, gauge);
  const page = await (await fetch(`${scene.stack.gateway(0).opsUrl}/metrics`)).text();
  assert.match(page, /^realtime_build_info\{version="\d+\.\d+\.\d+"\} 1$/m);
});
