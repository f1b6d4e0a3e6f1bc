import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash, createHmac } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import pg from "pg";
import { createClient, type RedisClientType } from "redis";
import { demoAccounts } from "../src/demo-accounts.ts";
import { startPrivateServers } from "./private-servers.ts";
import { realtimeTables, writeConversation } from "./realtime-tables.ts";
import { Browser, runScript, startApi } from "./running-api.ts";

const OLD_SECRET = "the secret of the year before; 32+ characters";
const SECRET = "the secret of this year; has 32+ characters";

let servers: Awaited<ReturnType<typeof startPrivateServers>>;
let api: Awaited<ReturnType<typeof startApi>>;
let database: pg.Client;
let redis: RedisClientType;
let environment: Record<string, string>;

async function browserOf(email: string): Promise<Browser> {
  const browser = new Browser(api.url);
  assert.equal((await browser.logIn(email)).status, 200);
  return browser;
}

function signatureOf(sid: string, secret: string): string {
  return createHmac("sha256", secret).update(sid).digest("base64").replace(/=+$/, "");
}

function sidOf(browser: Browser): string {
  const value = browser.cookie.slice("sessionId=".length);
  return value.slice(0, value.lastIndexOf("."));
}

before(async () => {
  servers = await startPrivateServers();
  environment = { DATABASE_URL: servers.databaseUrl, REDIS_URL: servers.redisUrl, SESSION_SECRET: `${SECRET},${OLD_SECRET}` };
  for (const _twice of [1, 2]) {
    runScript("prisma/migrate.ts", environment);
    runScript("prisma/seed.ts", environment);
  }
  api = await startApi(environment);
  database = new pg.Client({ connectionString: servers.databaseUrl });
  await database.connect();
  redis = createClient({ url: servers.redisUrl });
  await redis.connect();
});

after(async () => {
  redis?.destroy();
  await database?.end();
  const code = await api?.stop();
  await servers?.stop();
  assert.equal(code, 0);
});

test("migrations_are_recorded_as_prisma_records_them", async () => {
  const name = "20260301090000_tenants_and_users";
  const sql = readFileSync(new URL(`../prisma/migrations/${name}/migration.sql`, import.meta.url));
  const { rows } = await database.query(`SELECT migration_name, checksum, applied_steps_count FROM _prisma_migrations`);
  assert.deepEqual(rows, [{ migration_name: name, checksum: createHash("sha256").update(sql).digest("hex"), applied_steps_count: 1 }]);
  const { rows: users } = await database.query(`SELECT id FROM "User" ORDER BY id`);
  assert.deepEqual(users.map(({ id }) => id), demoAccounts.map(({ id }) => id).sort());
});

test("faulty_settings_end_with_one_line", () => {
  const { status, stderr } = spawnSync(process.execPath, ["--import", "tsx", "src/server.ts"], {
    cwd: new URL("../", import.meta.url),
    env: { PATH: process.env.PATH, DATABASE_URL: servers.databaseUrl, REDIS_URL: "localhost", SESSION_SECRET: "short" },
    encoding: "utf8",
  });
  assert.equal(status, 1);
  assert.match(stderr, /^existing-api: REDIS_URL is no such address.*; SESSION_SECRET needs at least 32.*\n$/);
});

describe("login", () => {
  test("cookie_and_redis_hold_what_the_libraries_write", async () => {
    const browser = new Browser(api.url);
    const { status, headers, body } = await browser.logIn("Alice@acme.test");
    const user = { id: "u_alice", tenantId: "acme", name: "Alice Archer", role: "member" };
    assert.equal(status, 200);
    assert.deepEqual(body, { user });

    const attributes = headers.getSetCookie()[0]!.split("; ").slice(1);
    assert.deepEqual(attributes.filter((name) => !/^(Expires|Max-Age)=/.test(name)).sort(), ["HttpOnly", "Path=/", "SameSite=Lax"]);
    const sid = sidOf(browser);
    assert.match(sid, /^[A-Za-z0-9_-]{32}$/);
    // Raw `+` and `/`, neither percent-encoded nor with a leading `s:`.
    assert.equal(browser.cookie, `sessionId=${sid}.${signatureOf(sid, SECRET)}`);

    const stored = JSON.parse((await redis.get(`sess:${sid}`))!);
    const { expires, ...cookie } = stored.cookie;
    assert.deepEqual(stored.user, user);
    assert.deepEqual(cookie, { originalMaxAge: 3_600_000, sameSite: "lax", secure: false, path: "/", httpOnly: true, domain: null });
    assert.ok(Math.abs(Date.parse(expires) - Date.now() - 3_600_000) < 10_000);
    const ttl = await redis.ttl(`sess:${sid}`);
    assert.ok(ttl > 3_590 && ttl <= 3_600);
  });

  test("staff_have_no_tenant", async () => {
    const browser = await browserOf("mia@platform.test");
    assert.deepEqual((await browser.get("/api/me")).body.user, { id: "u_mia", tenantId: null, name: "Mia Moreau", role: "manage" });
  });

  test("wrong_password_and_unknown_user_look_the_same", async () => {
    const browser = new Browser(api.url);
    const answers = [await browser.logIn("alice@acme.test", "no"), await browser.logIn("nobody@acme.test")];
    for (const { status, body } of answers) assert.deepEqual([status, body.code], [401, "bad_credentials"]);
    assert.deepEqual(answers[0]!.body, answers[1]!.body);
    assert.equal(browser.cookie, "");
  });

  test("login_renews_the_session_id_and_logout_deletes_the_key", async () => {
    const browser = await browserOf("bob@acme.test");
    const first = sidOf(browser);
    await browser.logIn("bob@acme.test");
    const second = sidOf(browser);
    assert.notEqual(first, second);
    assert.equal(await redis.exists(`sess:${first}`), 0);
    assert.equal((await browser.post("/api/logout", {})).status, 200);
    assert.equal(await redis.exists(`sess:${second}`), 0);
    assert.equal((await browser.get("/api/me")).status, 401);
  });

  test("cookie_signed_with_the_former_secret_still_counts", async () => {
    const browser = await browserOf("bob@acme.test");
    const sid = sidOf(browser);
    browser.cookie = `sessionId=${sid}.${signatureOf(sid, OLD_SECRET)}`;
    assert.equal((await browser.get("/api/me")).status, 200);
    browser.cookie = `sessionId=${sid}.${signatureOf(sid, "some other secret of at least 32 characters")}`;
    assert.equal((await browser.get("/api/me")).status, 401);
  });
});

test("pages_send_everybody_to_their_portal", async () => {
  const anonymous = new Browser(api.url);
  const login = await anonymous.get("/");
  assert.equal(login.status, 200);
  assert.match(login.headers.get("content-security-policy")!, /default-src 'self'/);
  assert.doesNotMatch(login.headers.get("content-security-policy")!, /unsafe/);
  const alice = await browserOf("alice@acme.test");
  const mia = await browserOf("mia@platform.test");
  const redirects: [Browser, string, string][] = [
    [anonymous, "/dashboard", "/"], [anonymous, "/manage", "/"], [alice, "/", "/dashboard"], [alice, "/manage", "/dashboard"],
    [mia, "/", "/manage"], [mia, "/dm", "/manage"],
  ];
  for (const [browser, from, to] of redirects) {
    const { status, headers } = await browser.get(from);
    assert.deepEqual([from, status, headers.get("location")], [from, 302, to]);
  }
  for (const [browser, path] of [[alice, "/dashboard"], [alice, "/dm"], [mia, "/manage"]] as const) {
    const { status, body } = await browser.get(path);
    assert.equal(status, 200);
    assert.match(String(body), new RegExp(`<realtime-chat portal="${path.slice(1)}">`));
  }
  assert.equal((await anonymous.get("/portal.js")).status, 200);
});

describe("chat history", () => {
  const idsOf = (answer: { body: any }) => answer.body.people.map(({ id }: { id: string }) => id);

  test("without_the_gateways_schema_it_says_so", async () => {
    const alice = await browserOf("alice@acme.test");
    for (const path of ["/api/chat/history?with=u_bob", "/api/chat/conversations", "/api/chat/unread"]) {
      const { status, body } = await alice.get(path);
      assert.deepEqual([path, status, body.code], [path, 503, "chat_not_migrated"]);
    }
    // Names are still answered.
    assert.deepEqual(idsOf(await alice.get("/api/people?ids=u_bob,u_mia,u_carol")), ["u_bob"]);
    await database.query(realtimeTables);
    await writeConversation(database, "acme", "u_alice", "u_bob", 120);
    await writeConversation(database, "acme", "u_mia", "u_alice", 3);
    await writeConversation(database, "globex", "u_carol", "u_dave", 2);
    await writeConversation(database, null, "u_mia", "u_max", 1);
  });

  test("both_sides_read_the_same_pages", async () => {
    const alice = await browserOf("alice@acme.test");
    const newest = (await alice.get("/api/chat/history?with=u_bob")).body;
    assert.deepEqual(newest.messages.map(({ seq }: { seq: number }) => seq), Array.from({ length: 50 }, (_, index) => index + 71));
    assert.equal(newest.hasMore, true);
    const { id, clientMessageId, ...message } = newest.messages.at(-1);
    assert.ok(id && clientMessageId);
    assert.deepEqual(message, {
      conversationId: "acme:u_alice:u_bob", seq: 120, tenantId: "acme", senderId: "u_bob", recipientId: "u_alice", body: "120",
      createdAt: "2026-01-01T00:02:00.007Z",
    });
    const bob = await browserOf("bob@acme.test");
    const oldest = (await bob.get("/api/chat/history?with=u_alice&before=21&limit=200")).body;
    assert.deepEqual([oldest.messages.length, oldest.messages[0].seq, oldest.hasMore], [20, 1, false]);
  });

  test("nobody_reads_across_tenants", async () => {
    const alice = await browserOf("alice@acme.test");
    const refused = [];
    for (const peer of ["u_carol", "u_nobody", "u_max", "u_alice"]) refused.push(await alice.get(`/api/chat/history?with=${peer}`));
    for (const { status, body } of refused) {
      assert.equal(status, 404);
      assert.deepEqual(body, { code: "recipient_not_found", message: "no such user" });
    }
    // A row that crossed by somebody's mistake stays hidden.
    await writeConversation(database, "globex", "u_alice", "u_dave", 1);
    assert.equal((await alice.get("/api/chat/history?with=u_dave")).status, 404);
    const { body } = await alice.get("/api/chat/conversations");
    assert.deepEqual(body.conversations.map((row: any) => row.conversationId), ["acme:u_alice:u_bob", "acme:u_alice:u_mia"]);
    assert.equal((await new Browser(api.url).get("/api/chat/history?with=u_bob")).status, 401);
  });

  test("staff_read_their_own_conversations_in_every_tenant", async () => {
    const mia = await browserOf("mia@platform.test");
    assert.equal((await mia.get("/api/chat/history?with=u_alice")).body.messages[0].conversationId, "acme:u_alice:u_mia");
    assert.equal((await mia.get("/api/chat/history?with=u_max")).body.messages[0].conversationId, ":u_max:u_mia");
    assert.deepEqual((await mia.get("/api/chat/history?with=u_carol")).body, { messages: [], hasMore: false });
    const alice = await browserOf("alice@acme.test");
    assert.equal((await alice.get("/api/chat/history?with=u_mia")).body.messages.length, 3);
  });

  test("unread_counts_what_was_written_to_the_user", async () => {
    const alice = await browserOf("alice@acme.test");
    assert.deepEqual((await alice.get("/api/chat/unread")).body, { unread: 62 });
    await database.query(`UPDATE realtime."ChatConversation" SET "readSeqA" = 118 WHERE id = 'acme:u_alice:u_bob'`);
    await database.query(`UPDATE realtime."ChatMessage" SET body = '', "erasedAt" = now() WHERE "conversationId" = 'acme:u_alice:u_bob' AND seq = 120`);
    assert.deepEqual((await alice.get("/api/chat/unread")).body, { unread: 3 });
    const [newest] = (await alice.get("/api/chat/conversations")).body.conversations;
    assert.deepEqual([newest.peerId, newest.unread, newest.lastMessage.seq, newest.lastMessage.erased], ["u_bob", 1, 120, true]);
  });

  test("people_are_colleagues_and_staff_who_wrote", async () => {
    const alice = await browserOf("alice@acme.test");
    assert.deepEqual(idsOf(await alice.get("/api/people")), ["u_alice", "u_bob", "u_erin"]);
    assert.deepEqual(idsOf(await alice.get("/api/people?ids=u_mia,u_max,u_dave,u_erin")), ["u_erin", "u_mia"]);
    const mia = await browserOf("mia@platform.test");
    assert.equal((await mia.get("/api/people")).body.people.length, demoAccounts.length);
  });

  test("odd_queries_are_refused", async () => {
    const alice = await browserOf("alice@acme.test");
    for (const query of ["", "with=u_bob&limit=0", "with=u_bob&limit=201", "with=u_bob&before=x", "with=a:b"]) {
      const { status, body } = await alice.get(`/api/chat/history?${query}`);
      assert.deepEqual([query, status, body.code], [query, 400, "invalid_request"]);
    }
  });
});

describe("notify", () => {
  test("publishes_to_the_room_of_the_user_in_the_namespace_of_the_user", async () => {
    const subscriber = redis.duplicate();
    await subscriber.connect();
    const heard: [string, Buffer][] = [];
    const arrivals = new EventEmitter();
    await subscriber.pSubscribe("socket.io#*", (message: Buffer, channel: Buffer) => {
      if (heard.push([String(channel), message]) === 2) arrivals.emit("both");
    }, true);
    const bothHeard = once(arrivals, "both");
    const mia = await browserOf("mia@platform.test");
    assert.equal((await mia.post("/api/notify", { userId: "u_alice", text: "Proof is ready" })).status, 202);
    assert.equal((await mia.post("/api/notify", { userId: "u_max", text: "Lunch?" })).status, 202);
    await bothHeard;
    assert.deepEqual(heard.map(([channel]) => channel), ["socket.io#/tenant#user:u_alice#", "socket.io#/manage#user:u_max#"]);
    for (const part of ["emitter", "notification", "Proof is ready", "user:u_alice"]) assert.ok(heard[0]![1].includes(part), part);
    subscriber.destroy();
  });

  test("is_for_staff", async () => {
    const alice = await browserOf("alice@acme.test");
    const { status, body } = await alice.post("/api/notify", { userId: "u_bob", text: "hi" });
    assert.deepEqual([status, body.code], [403, "forbidden"]);
    const mia = await browserOf("mia@platform.test");
    assert.equal((await mia.post("/api/notify", { userId: "u_nobody", text: "hi" })).status, 404);
    assert.equal((await mia.post("/api/notify", { userId: "u_bob", text: "" })).status, 400);
  });
});
