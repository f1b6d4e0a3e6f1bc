import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import WebSocket from "ws";
import { storiesOn } from "./story.ts";
import { Login } from "./login.ts";
import { ask } from "./raw-polling.ts";

const story = storiesOn({ over: ["websocket", "polling"], env: { REALTIME_RATE_EVENTS: "1000/1000", REALTIME_RATE_MESSAGES: "1000/1000" } });

const NUL = String.fromCharCode(0);

story("malformed_payloads_are_told_what_is_wrong_and_the_socket_lives_on", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice");
  const bob = await scene.memberAt(acme, "dm", "Bob");
  const to = bob.userId;
  const clientMessageId = "c";
  const cases: [string, unknown, string, RegExp][] = [
    ["message:send", undefined, "invalid_payload", /\bto\b/],
    ["message:send", { body: "x", clientMessageId }, "invalid_payload", /\bto\b/],
    ["message:send", { to, clientMessageId }, "invalid_payload", /\bbody\b/],
    ["message:send", { to, body: "x" }, "invalid_payload", /\bclientMessageId\b/],
    ["message:send", { to: 7, body: "x", clientMessageId }, "invalid_payload", /\bto\b/],
    ["message:send", { to: "a:b", body: "x", clientMessageId }, "invalid_payload", /\bto\b/],
    ["message:send", { to: "x".repeat(65), body: "x", clientMessageId }, "invalid_payload", /\bto\b/],
    ["message:send", { to: "ü", body: "x", clientMessageId }, "invalid_payload", /\bto\b/],
    ["message:send", { to: alice.userId, body: "x", clientMessageId }, "invalid_payload", /\bto\b/],
    ["message:send", { to, body: "", clientMessageId }, "invalid_payload", /\bbody\b/],
    ["message:send", { to, body: " \n\t ", clientMessageId }, "invalid_payload", /\bbody\b/],
    ["message:send", { to, body: `a${NUL}b`, clientMessageId }, "invalid_payload", /\bbody\b/],
    ["message:send", { to, body: ["x"], clientMessageId }, "invalid_payload", /\bbody\b/],
    ["message:send", { to, body: "👋".repeat(4001), clientMessageId }, "body_too_long", /./],
    ["message:send", { to, body: "x", clientMessageId: "" }, "invalid_payload", /\bclientMessageId\b/],
    ["message:send", { to, body: "x", clientMessageId: "a b" }, "invalid_payload", /\bclientMessageId\b/],
    ["message:send", { to, body: "x", clientMessageId: "x".repeat(65) }, "invalid_payload", /\bclientMessageId\b/],
    ["message:send", [], "invalid_payload", /./],
    ["message:send", "text", "invalid_payload", /./],
    ["message:send", 7, "invalid_payload", /./],
    ["message:history", {}, "invalid_payload", /\bwith\b/],
    ["message:history", { with: to, limit: 0 }, "invalid_payload", /\blimit\b/],
    ["message:history", { with: to, limit: 201 }, "invalid_payload", /\blimit\b/],
    ["message:history", { with: to, limit: 1.5 }, "invalid_payload", /\blimit\b/],
    ["message:history", { with: to, beforeSeq: "1" }, "invalid_payload", /\bbeforeSeq\b/],
    ["sync", {}, "invalid_payload", /\bsince\b/],
    ["sync", { since: [] }, "invalid_payload", /\bsince\b/],
    ["sync", { since: {}, limit: 1001 }, "invalid_payload", /\blimit\b/],
    ["sync", { since: {}, others: "some" }, "invalid_payload", /\bothers\b/],
    ["sync", { since: Object.fromEntries(Array.from({ length: 501 }, (_, n) => [`t:a:b${n}`, 0])) }, "invalid_payload", /\bsince\b/],
    ["presence:list", { limit: 0 }, "invalid_payload", /\blimit\b/],
    ["presence:list", { limit: 501 }, "invalid_payload", /\blimit\b/],
    ["presence:list", { tenantId: acme }, "invalid_payload", /\btenantId\b/],
    ["no:such", {}, "unknown_event", /./],
    ["message:new", {}, "unknown_event", /./],
    ["presence:tenants", {}, "forbidden", /./],
    ["presence:watch", {}, "invalid_payload", /\buserIds\b/],
    ["presence:watch", { userIds: [7] }, "invalid_payload", /\buserIds\b/],
    ["presence:watch", { userIds: Array.from({ length: 501 }, (_, n) => `u${n}`) }, "invalid_payload", /\buserIds\b/],
  ];
  for (const [event, payload, code, words] of cases) {
    const shown = `${event} ${JSON.stringify(payload)?.slice(0, 100)}`;
    const error = await alice.refusal(event, payload);
    assert.equal(error.code, code, `${shown}: ${error.message}`);
    assert.match(error.message, words, shown);
  }
  assert.deepEqual(alice.disconnects, []);
  assert.equal((await alice.send(to, "👋".repeat(4000))).seq, 1, "the longest body there may be, and nothing was stored before");
});

story("an_event_without_an_ack_is_carried_out_all_the_same", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice");
  const bob = await scene.memberAt(acme, "dm", "Bob");
  alice.socket.emit("message:send", { to: bob.userId, body: "no ack", clientMessageId: "quiet", later: "unknown fields are ignored" });
  alice.socket.emit("message:send", { to: bob.userId });
  assert.equal((await bob.next<{ body: string }>("message:new")).body, "no ack");
  assert.equal((await alice.send(bob.userId, "with an ack")).seq, 2);
});

story("namespaces_and_portals_admit_only_whom_they_are_for", async (scene) => {
  const member = await scene.logIn(await scene.member(await scene.tenant()));
  const staff = await scene.logIn(await scene.staff());
  const cases = [
    [member, "dashboard", { namespace: "/other" }, "invalid_namespace"],
    [member, "dashboard", { namespace: "/" }, "invalid_namespace"],
    [member, "manage", {}, "forbidden"],
    [staff, "dashboard", {}, "forbidden"],
    [member, "dashboard", { auth: { portal: "manage" } }, "forbidden"],
    [member, "dashboard", { auth: { portal: "nowhere" } }, "forbidden"],
    [staff, "manage", { auth: { portal: "dm" } }, "forbidden"],
  ] as const;
  for (const [login, portal, options, code] of cases) {
    const { message, data } = await scene.refused(login, portal, options);
    assert.equal(data?.code, code, `${portal} ${JSON.stringify(options)}: ${message}`);
    assert.ok(message.length > 0);
    if (code === "invalid_namespace") assert.equal(message, "Invalid namespace");
  }
  const tab = await scene.open(member, "dashboard", { auth: {} });
  assert.equal(tab.ready.portal, "dashboard", "what is meant when no portal is named");
});

story("a_cookie_that_names_no_session_is_unauthorized", async (scene) => {
  const login = await scene.logIn(await scene.member(await scene.tenant()));
  const other = await scene.logIn(await scene.member(await scene.tenant()));
  const [sid, signature] = login.cookie.slice("sessionId=".length).split(".") as [string, string];
  const foreign = other.cookie.slice(other.cookie.lastIndexOf(".") + 1);
  const flipped = (signature.startsWith("A") ? "B" : "A") + signature.slice(1);
  const cookies = ["", "sessionId=", "sessionId=.", `sessionId=${sid}`, `sessionId=${sid}.`, `sessionId=${sid}.${foreign}`, `sessionId=${sid}.${flipped}`, `sessionId=${"x".repeat(32)}.${signature}`, `sessionId=%ff%fe.${signature}`];
  for (const cookie of cookies) {
    const { data } = await scene.refused(login, "dashboard", { extraHeaders: { cookie } });
    assert.equal(data?.code, "unauthorized", `cookie "${cookie}"`);
  }
  // The same session, with the cookie percent-encoded as some libraries write it, is let in.
  const encoded = `sessionId=${encodeURIComponent(`${sid}.${signature}`)}`;
  await scene.open(login, "dashboard", { extraHeaders: { cookie: encoded } });
  const loggedOut = await Login.as(login.account, scene.stack.url);
  await loggedOut.logOut();
  assert.equal((await scene.refused(loggedOut, "dashboard")).data?.code, "unauthorized");
});

story("a_foreign_origin_is_refused_before_anything_else", async (scene) => {
  const login = await scene.logIn(await scene.member(await scene.tenant()));
  const welcome = scene.transport === "polling" ? 200 : 101;
  const statusFor = async (origin: string | undefined, cookie: string) => {
    const address = `${scene.stack.url}/realtime/?EIO=4&transport=${scene.transport}`;
    const headers = { cookie, ...(origin === undefined ? {} : { origin }) };
    if (scene.transport === "polling") return (await ask(address, { headers })).status;
    const socket = new WebSocket(address.replace("http", "ws"), { headers });
    const refused = once(socket, "unexpected-response") as Promise<[unknown, IncomingMessage]>;
    const status = await Promise.race([once(socket, "open").then(() => 101), refused.then(([, response]) => response.statusCode)]);
    socket.on("error", () => {}).terminate();
    return status;
  };
  const own = scene.stack.url;
  for (const origin of ["https://evil.example", "null", `${own}.evil.example`, "http://127.0.0.1:1", "not an origin"]) {
    assert.equal(await statusFor(origin, login.cookie), 403, origin);
    assert.equal(await statusFor(origin, ""), 403, `${origin}, without a cookie`);
  }
  for (const origin of [own, own.replace("http", "https"), undefined]) assert.equal(await statusFor(origin, login.cookie), welcome, `${origin}`);
});
