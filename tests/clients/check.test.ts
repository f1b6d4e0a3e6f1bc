/** What `realtime-gateway check` tells an operator before a deploy. */
import assert from "node:assert/strict";
import { askRedis } from "../stack/redis.ts";
import { waitUntil } from "../stack/wait-until.ts";
import type { Scene } from "./scene.ts";
import { storiesOn } from "./story.ts";

const story = storiesOn();

const check = (scene: Scene, env: Record<string, string> = {}) => scene.stack.gateway(0).commandWith(env, "check");

/** What it says when it fails: findings, and faults. */
async function faults(scene: Scene, env: Record<string, string>): Promise<{ stdout: string; stderr: string }> {
  return check(scene, env).then(
    () => assert.fail("nothing was found"),
    (failure: { code: number; stdout: string; stderr: string }) => {
      assert.equal(failure.code, 1);
      return failure;
    },
  );
}

story("settings_are_shown_without_secrets_and_both_stores_are_described", async (scene) => {
  const told = await check(scene, { REDIS_URL: scene.stack.redis.url.replace("redis://", "redis://default:hunter2@") });
  assert.match(told, /^REALTIME_SESSION_SECRET=\[set\]$/m);
  assert.match(told, /^REDIS_URL=redis:\/\/default:\*\*\*@127\.0\.0\.1:\d+$/m);
  assert.ok(!told.includes("hunter2") && !told.includes("everybody may know"));
  assert.match(told, /^redis: version \d+\.\d+\.\d+, without TLS$/m);
  assert.match(told, /^redis: keyspace events \(Kg\$x\) are off \(""\): ended sessions are noticed within 1 s$/m);
  assert.match(told, /^redis: eviction policy noeviction$/m);
  assert.match(told, /^postgres: version \S+.*, role platform, without TLS$/m);
  assert.match(told, /^postgres: warning: platform is a superuser; /m);
  assert.match(told, /^postgres: tables are up to date\npostgres: the role may do what serving needs$/m);
});

story("a_redis_that_may_forget_sessions_is_warned_of", async (scene) => {
  const { url } = scene.stack.redis;
  await askRedis(url, "CONFIG", "SET", "maxmemory-policy", "allkeys-lru", "notify-keyspace-events", "Kgx");
  try {
    const told = await check(scene);
    assert.match(told, /^redis: warning: eviction policy allkeys-lru: .*noeviction$/m);
    assert.match(told, /^redis: keyspace events are on: ended sessions are noticed at once$/m);
  } finally {
    await askRedis(url, "CONFIG", "SET", "maxmemory-policy", "noeviction", "notify-keyspace-events", "");
  }
});

story("rights_that_are_missing_are_named", async (scene) => {
  await askRedis(scene.stack.redis.url, "ACL", "SETUSER", "poor", "on", ">pw", "~sess:*", "+@all", "&nothing");
  await scene.rows(`
    DO $$ BEGIN IF to_regrole('poor') IS NULL THEN CREATE ROLE poor LOGIN; END IF; END $$;
    GRANT USAGE ON SCHEMA realtime TO poor; GRANT SELECT ON ALL TABLES IN SCHEMA realtime TO poor; GRANT INSERT ON realtime."ChatMessage" TO poor`);
  const [redis, database] = [new URL(scene.stack.redis.url), new URL(scene.stack.databaseUrl)];
  [redis.username, redis.password, database.username] = ["poor", "pw", "poor"];
  const { stdout, stderr } = await faults(scene, { REDIS_URL: redis.href, DATABASE_URL: database.href });
  assert.match(stderr, /^redis: this user may not SET rt:check 1 PX 1000; compare its ACL with deploy\/redis$/m);
  for (const other of ["PUBLISH rt:check trial", "PSUBSCRIBE socket.io#/tenant#*", "SUBSCRIBE socket.io-request#/manage#", "ZADD rt:check:z 1 a"]) {
    assert.ok(stderr.includes(`may not ${other};`), other);
  }
  assert.ok(!stderr.includes("GET sess:check"));
  assert.match(stderr, /^postgres: the role lacks insert on "ChatConversation", update on "ChatConversation", insert on "ChatUser", .*writer_role\.sql/m);
  assert.ok(!stderr.includes('insert on "ChatMessage"'));
  assert.match(stdout, /^postgres: version .* role poor/m);
});

story("stores_that_are_not_ready_are_faults_each_with_its_line", async (scene) => {
  await scene.rows("CREATE DATABASE empty_one");
  const database = new URL(scene.stack.databaseUrl);
  database.pathname = "/empty_one";
  const { stderr } = await faults(scene, { REDIS_URL: "redis://127.0.0.1:1", DATABASE_URL: database.href });
  assert.match(stderr, /^redis: .*refused/im);
  assert.match(stderr, /^postgres: tables are not up to date, run `realtime-gateway migrate`: \d{14}/m);
});

story("a_redis_that_takes_no_writes_is_a_fault_and_shows_in_the_metrics", async (scene) => {
  const { url } = scene.stack.redis;
  await scene.memberAt(await scene.tenant(), "dashboard", "Alice", { url: scene.stack.gateway(0).url });
  await askRedis(url, "CONFIG", "SET", "maxmemory", "1");
  try {
    assert.match((await faults(scene, {})).stderr, /^redis: takes no writes, so nobody could connect: "OOM"/m);
    await waitUntil("a heartbeat that Redis refuses", async () => {
      const page = await (await fetch(`${scene.stack.gateway(0).opsUrl}/metrics`)).text();
      return /^realtime_presence_heartbeats_total\{outcome="failed"\} [1-9]/m.test(page);
    });
  } finally {
    await askRedis(url, "CONFIG", "SET", "maxmemory", "0");
  }
});

story("probes_may_ask_for_the_head_alone", async (scene) => {
  for (const path of ["livez", "readyz"]) {
    const answer = await fetch(`${scene.stack.gateway(0).opsUrl}/${path}`, { method: "HEAD" });
    assert.deepEqual([answer.status, await answer.text()], [200, ""]);
  }
});
