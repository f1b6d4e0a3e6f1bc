/** Attacks on sessions through cookies and connections, over both transports, against gateways that log all they can. */
import assert from "node:assert/strict";
import type { Login } from "../clients/login.ts";
import { PollingLink } from "../clients/polling-link.ts";
import { RawLink } from "../clients/raw-link.ts";
import { ask, handshake } from "../clients/raw-polling.ts";
import type { Scene } from "../clients/scene.ts";
import { storiesOn } from "../clients/story.ts";
import { forgedCookies, goodCookies, NAME, sessionIdOf, signature, valueOf } from "./forged.ts";
import { panics } from "./gauges.ts";
import { asked, upgradeHead, WEBSOCKET } from "./said.ts";
import { leaks, Secrets } from "./secrets.ts";

const UNLIMITED = "1000000/1000000";
const story = storiesOn({
  over: ["websocket", "polling"],
  alone: true,
  env: { REALTIME_LOG: "trace", REALTIME_LOG_FORMAT: "json", REALTIME_ACCEPT_RATE: UNLIMITED, REALTIME_RATE_EVENTS: UNLIMITED, REALTIME_MAX_SOCKETS_PER_USER: "1000" },
});

const UNAUTHORIZED = '44/tenant,{"message":"Unauthorized","data":{"code":"unauthorized"}}';
const UNKNOWN_SID = '{"code":1,"message":"Session ID unknown"}';
/** All that any story has told a gateway and nobody else may read. */
const secrets = new Secrets();

async function twoLogins(scene: Scene): Promise<[Login, Login]> {
  const [mine, others] = [await scene.logIn(await scene.member(await scene.tenant())), await scene.logIn(await scene.member(await scene.tenant()))];
  for (const { cookie } of [mine, others]) secrets.add(cookie, valueOf(cookie), sessionIdOf(cookie), signature(sessionIdOf(cookie)));
  return [mine, others];
}

/** What CONNECT says to a link that was opened with that cookie. */
async function connected(scene: Scene, login: Login, cookie: string, auth: object = {}): Promise<string> {
  const url = scene.stack.gateway(0).url;
  const link = await RawLink.open({ ...login, cookie } as Login, scene.transport, url);
  link.send(`40/tenant,${JSON.stringify({ portal: "dm", ...auth })}`);
  const answer = (await link.frame("4")) ?? `closed: ${link.closedBy}`;
  link.close();
  return answer;
}

story("no_forged_cookie_joins", async (scene) => {
  const [mine, others] = await twoLogins(scene);
  const wrong: string[] = [];
  for (const [how, cookie] of Object.entries(forgedCookies(mine.cookie, others.cookie))) {
    const answer = await connected(scene, mine, cookie);
    if (answer !== UNAUTHORIZED) wrong.push(`${how}: ${answer}`);
    // A script on the page cannot put a token in the place of a cookie that is there.
    const named = new RegExp(`^(.*; )?${NAME}=`).test(cookie) && !cookie.startsWith("filler");
    const withToken = named ? await connected(scene, mine, cookie, { token: valueOf(others.cookie) }) : UNAUTHORIZED;
    if (withToken !== UNAUTHORIZED) wrong.push(`${how}, with a good token: ${withToken}`);
  }
  for (const [how, cookie] of Object.entries(goodCookies(mine.cookie, others.cookie))) {
    const answer = await connected(scene, mine, cookie);
    if (!answer.startsWith('40/tenant,{"sid":"')) wrong.push(`good, ${how}: ${answer}`);
  }
  assert.deepEqual(wrong, []);
});

story("no_forged_token_joins", async (scene) => {
  const [mine, others] = await twoLogins(scene);
  const wrong: string[] = [];
  for (const [how, cookie] of Object.entries(forgedCookies(mine.cookie, others.cookie))) {
    if (!cookie.startsWith(`${NAME}=`) || cookie.includes(";")) continue;
    const answer = await connected(scene, mine, "", { token: cookie.slice(NAME.length + 1) });
    if (answer !== UNAUTHORIZED) wrong.push(`${how}: ${answer}`);
  }
  assert.deepEqual(wrong, []);
  assert.match(await connected(scene, mine, "", { token: valueOf(mine.cookie) }), /^40\/tenant,\{"sid":"/);
});

story("a_session_that_was_logged_out_is_no_session_however_often_it_comes_back", async (scene) => {
  const [mine] = await twoLogins(scene);
  assert.match(await connected(scene, mine, mine.cookie), /^40/);
  await mine.logOut();
  for (let time = 0; time < 3; time += 1) assert.equal(await connected(scene, mine, mine.cookie), UNAUTHORIZED);
  assert.equal(await connected(scene, mine, "", { token: valueOf(mine.cookie) }), UNAUTHORIZED);
});

story("a_session_of_nobody_admits_nobody", async (scene) => {
  const [mine] = await twoLogins(scene);
  // What an attacker plants before the victim logs in: well signed, stored, and without a user.
  const sid = `fixed-${crypto.randomUUID()}`;
  const cookie = `${NAME}=${encodeURIComponent(`${sid}.${signature(sid)}`)}`;
  secrets.add(cookie, valueOf(cookie), sid, signature(sid));
  const stored = (user: object) => JSON.stringify({ cookie: { originalMaxAge: 60_000, expires: new Date(Date.now() + 60_000) }, ...user });
  await scene.stack.redis.ask("SET", `sess:${sid}`, stored({}));
  const url = scene.stack.gateway(0).url;
  const planted = await RawLink.open({ ...mine, cookie } as Login, scene.transport, url);
  planted.send("40/tenant,{}");
  assert.equal(await planted.frame("4"), UNAUTHORIZED);
  // A connection that the attacker opened without any cookie does not take on the victim's.
  const open = await PollingLink.open(url, { ...mine, cookie: "" } as Login);
  secrets.add(open.sid);
  assert.equal((await open.post(url, "40/tenant,{}", { cookie: mine.cookie })).status, 200);
  assert.equal((await open.poll(url)).body, UNAUTHORIZED);
  planted.close();
});

story("a_connection_serves_the_session_that_opened_it_and_no_other", async (scene) => {
  const [mine, others] = await twoLogins(scene);
  const [owner, neighbour] = scene.stack.gateways.map(({ url }) => url) as [string, string];
  const link = await PollingLink.open(owner, mine);
  secrets.add(link.sid);
  await link.post(owner, "40/tenant,{}");
  const forged = `${mine.cookie.slice(0, -1)}x`;
  for (const cookie of [others.cookie, forged, `${NAME}=`, `${others.cookie}; ${mine.cookie}`]) {
    // The neighbour passes it on, with the cookie that it came with.
    for (const url of [owner, neighbour]) {
      const poll = await link.poll(url, { cookie });
      const post = await link.post(url, '42/tenant,1["presence:list",{}]', { cookie });
      assert.deepEqual([poll.status, poll.body], [400, UNKNOWN_SID], `GET at ${url} with ${cookie}`);
      assert.deepEqual([post.status, post.body], [400, UNKNOWN_SID], `POST at ${url} with ${cookie}`);
      const upgrade = await asked(url, upgradeHead(`${WEBSOCKET}&sid=${link.sid}`, `cookie: ${cookie}`));
      assert.equal(upgrade, "400", `upgrade at ${url} with ${cookie}`);
    }
  }
  // None of that has hurt it.
  const poll = await link.poll(owner);
  assert.match(poll.body, /^40\/tenant,/);
});

story("a_sid_that_was_made_up_is_unknown", async (scene) => {
  const [mine] = await twoLogins(scene);
  const url = scene.stack.gateway(0).url;
  const sids = await Promise.all(Array.from({ length: 200 }, () => handshake(url, { cookie: mine.cookie })));
  secrets.add(...sids);
  assert.equal(new Set(sids).size, sids.length);
  // Two sids have what names their instance in common. What is left holds 128 bits at least.
  const [first, second] = sids as [string, string];
  const common = [...first].filter((letter, at) => sids.every((sid) => sid[at] === letter)).length;
  assert.ok((first.length - common) * 6 >= 128, `${first.length} letters, ${common} of them in common`);
  for (const [at, letter] of [...first].entries()) {
    const changed = first.slice(0, at) + (letter === "A" ? "B" : "A") + first.slice(at + 1);
    const crossed = first.slice(0, at) + second.slice(at);
    for (const sid of [changed, crossed].filter((made) => !sids.includes(made))) {
      const { status, text } = await ask(`${url}/realtime/?EIO=4&transport=polling&sid=${encodeURIComponent(sid)}`);
      assert.deepEqual([status, text], [400, UNKNOWN_SID], `changed at ${at}`);
    }
  }
});

story("origins_that_look_like_our_own_are_others", async (scene) => {
  const [mine] = await twoLogins(scene);
  const url = scene.stack.gateway(0).url;
  const { host } = new URL(url);
  const origins = [
    `http://${host}.evil.example`, `http://evil.example/${host}`, `http://${host}@evil.example`, `http://evil.example#${host}`, `http://evil.example?${host}`,
    `http://evil${host}`, `http://${host}:1`, `http://${host},http://evil.example`, `http://evil.example http://${host}`, `${host}`, `//${host}`, "null", "*", "", "file://", "javascript:0",
  ];
  const path = `/realtime/?EIO=4&transport=${scene.transport}`;
  for (const origin of origins) {
    const lines = [`origin: ${origin}`, `cookie: ${mine.cookie}`];
    const answer = await asked(url, upgradeHead(path, ...lines).replace("host: gateway", `host: ${host}`));
    assert.equal(answer, "403", `${scene.transport} from ${origin}`);
  }
  const own = upgradeHead(path, `origin: ${url}`, `cookie: ${mine.cookie}`).replace("host: gateway", `host: ${host}`);
  assert.match(await asked(url, own), /^(101|200)$/);
});

story("no_secret_is_in_logs_metrics_or_errors", async (scene) => {
  const acme = await scene.tenant();
  const words = `a word that nobody else may read ${crypto.randomUUID()}`;
  const options = { url: scene.stack.gateway(0).url };
  const [alice, bob] = [await scene.memberAt(acme, "dashboard", "Alice", options), await scene.memberAt(acme, "dm", "Bob", { url: scene.stack.gateway(1).url })];
  for (const { login } of [alice, bob]) secrets.add(login.cookie, valueOf(login.cookie), sessionIdOf(login.cookie), signature(sessionIdOf(login.cookie)));
  secrets.add(words);
  await alice.send(bob.userId, words);
  await bob.next("message:new");
  await alice.refusal("message:send", { to: bob.userId, body: { words }, clientMessageId: words });
  await alice.refusal(words, words);
  const { error } = await alice.refusal(`message:${words}`, { words }).then((refused) => ({ error: JSON.stringify(refused) }));
  assert.deepEqual(secrets.in(error), []);
  // The search finds what is there.
  assert.notDeepEqual(await leaks(scene.stack, new Secrets(`"user.id":"${alice.userId}"`)), []);
  assert.deepEqual(await leaks(scene.stack, secrets), []);
  assert.deepEqual(await panics(scene.stack), []);
});
