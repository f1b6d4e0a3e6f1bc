/** Both stores over TLS, with certificates of an authority that only these stories know. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import pg from "pg";
import { issueCertificates } from "../stack/certificates.ts";
import { freePort } from "../stack/ports.ts";
import { askRedis } from "../stack/redis.ts";
import type { Store } from "../stack/stack.ts";
import { waitUntil } from "../stack/wait-until.ts";
import type { Scene } from "./scene.ts";
import { storiesOn } from "./story.ts";

const folder = mkdtempSync(join(tmpdir(), "realtime-certificates-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const trusted = issueCertificates(join(folder, "trusted"));
const stranger = issueCertificates(join(folder, "stranger"));
// Redis and Postgres run as users who are not root.
for (const path of [folder, join(folder, "trusted")]) chmodSync(path, 0o755);

async function redisOverTls(url: string): Promise<string> {
  const port = await freePort();
  const settings = { "tls-cert-file": trusted.certificate, "tls-key-file": trusted.key, "tls-ca-cert-file": trusted.authority, "tls-auth-clients": "no", "tls-port": port };
  await askRedis(url, "CONFIG", "SET", ...Object.entries(settings).flat().map(String));
  return `rediss://localhost:${port}`;
}

async function postgresOverTls(url: string): Promise<string> {
  if (process.getuid?.() === 0) execFileSync("chown", ["postgres", trusted.key]);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const [name, value] of [["ssl_cert_file", trusted.certificate], ["ssl_key_file", trusted.key], ["ssl", "on"]]) {
      await client.query(`ALTER SYSTEM SET ${name} = '${value}'`);
    }
    await client.query("SELECT pg_reload_conf()");
  } finally {
    await client.end();
  }
  const address = new URL(url);
  address.hostname = "localhost";
  address.search = new URLSearchParams({ sslmode: "verify-full", sslrootcert: trusted.authority }).toString();
  return address.href;
}

// A stack's gateways come one after another to a server that is changed once.
const routes = new Map<Store, Promise<string>>();
function overTls(store: Store, url: string): Promise<string> {
  const route = routes.get(store) ?? (store === "redis" ? redisOverTls(url) : postgresOverTls(url));
  routes.set(store, route);
  return route;
}

const story = storiesOn({ route: overTls, env: { SSL_CERT_FILE: trusted.authority } });

async function encryptedSessions(scene: Scene): Promise<{ ssl: boolean; count: number }[]> {
  return scene.rows(`
    SELECT s.ssl, count(*)::int AS count FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)
     WHERE a.application_name = 'realtime-gateway' GROUP BY 1`);
}

story("two_gateways_serve_chat_and_presence_over_proven_links", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice", { url: scene.stack.gateway(0).url });
  const bob = await scene.memberAt(acme, "dm", "Bob", { url: scene.stack.gateway(1).url });
  await alice.untilOnline(bob.userId);
  const sent = await alice.send(bob.userId, "sealed");
  await bob.until("the message", () => bob.messages().some(({ id }) => id === sent.id));

  assert.deepEqual((await encryptedSessions(scene)).map(({ ssl }) => ssl), [true]);
  const clients = await askRedis(scene.stack.redis.url, "CLIENT", "LIST");
  const port = new URL(await overTls("redis", scene.stack.redis.url)).port;
  assert.ok(clients.filter((line) => line.includes(`laddr=127.0.0.1:${port}`)).length >= 6, "three links a gateway");
  assert.match(await scene.stack.gateway(0).command("check"), /^postgres: version .*, over TLS$/m);
  assert.equal(await scene.stack.gateway(0).command("migrate", "--check"), "tables are up to date\n");
});

type Refusal = { code: number; stderr: string };

async function refused(scene: Scene, env: Record<string, string>): Promise<string> {
  const failure = await scene.stack.gateway(0).commandWith(env, "check").then(
    () => assert.fail("was not refused"),
    (error: Refusal) => error,
  );
  assert.equal(failure.code, 1);
  return failure.stderr;
}

story("a_certificate_that_proves_nothing_is_refused_as_sslmode_says", async (scene) => {
  const verified = await overTls("postgres", scene.stack.databaseUrl);
  const to = (host: string, parameters: Record<string, string>): Record<string, string> => {
    const url = new URL(verified);
    url.hostname = host;
    url.search = new URLSearchParams(parameters).toString();
    return { DATABASE_URL: url.href };
  };
  const mode = (sslmode: string, sslrootcert?: string) => ({ sslmode, ...(sslrootcert ? { sslrootcert } : {}) });

  // Issued to localhost, not to 127.0.0.1.
  assert.match(await refused(scene, to("127.0.0.1", mode("verify-full", trusted.authority))), /postgres: .*not valid for/);
  for (const sslmode of ["require", "verify-ca", "verify-full"]) {
    assert.match(await refused(scene, to("localhost", mode(sslmode, stranger.authority))), /postgres: .*UnknownIssuer/, sslmode);
  }
  for (const parameters of [mode("verify-ca", trusted.authority), mode("require", trusted.authority), mode("require"), mode("prefer"), mode("verify-ca")]) {
    await scene.stack.gateway(0).commandWith(to("127.0.0.1", parameters), "check");
  }
  assert.match(await refused(scene, to("localhost", mode("verify-full", "/nowhere/ca.pem"))), /DATABASE_URL: .*\/nowhere\/ca\.pem.*cannot be read/s);
  assert.match(await refused(scene, to("localhost", mode("verify-full", trusted.key))), /no certificate of an authority/);
  assert.match(await refused(scene, to("localhost", mode("verify"))), /DATABASE_URL: .*sslmode/s);
});

story("redis_must_prove_its_name_and_authority", async (scene) => {
  const url = await overTls("redis", scene.stack.redis.url);
  assert.match(await refused(scene, { SSL_CERT_FILE: stranger.authority }), /redis: .*UnknownIssuer/);
  assert.match(await refused(scene, { REDIS_URL: url.replace("localhost", "127.0.0.1") }), /redis: .*not valid for/);
  assert.match(await refused(scene, { REDIS_URL: `${url}/#insecure` }), /REDIS_URL: .*SSL_CERT_FILE/s);
});

story("a_link_that_is_cut_comes_back_over_tls", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice");
  const bob = await scene.memberAt(acme, "dm", "Bob");
  await scene.rows(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'realtime-gateway'`);
  await askRedis(scene.stack.redis.url, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  await askRedis(scene.stack.redis.url, "CLIENT", "KILL", "TYPE", "pubsub");
  // What was under way while the links were away is for sync to find; what comes later is handed on as before.
  await bob.next("sync:required");
  await waitUntil("a message is handed on again", async () => {
    const { id } = await alice.send(bob.userId, "again");
    return bob.messages().some((message) => message.id === id);
  });
  assert.deepEqual((await encryptedSessions(scene)).map(({ ssl }) => ssl), [true]);
});
