import assert from "node:assert/strict";
import { once } from "node:events";
import WebSocket from "ws";
import { ask, handshake, type Answer, type Asked } from "./raw-polling.ts";
import type { Scene } from "./scene.ts";
import { storiesOn } from "./story.ts";
import type { Message } from "./wire.ts";

const PORTAL = "https://portal.example";
const MAX_PAYLOAD = 65_536;

const story = storiesOn({ env: { REALTIME_ALLOWED_ORIGINS: PORTAL } });

/** A request to the mount point, with what belongs into the query. */
async function asked(scene: Scene, query: string, request: Asked = {}): Promise<Answer> {
  return ask(`${scene.stack.url}/realtime/?${query}`, request);
}

function corsOf({ headers }: Answer): unknown[] {
  return [headers["access-control-allow-origin"], headers["access-control-allow-credentials"], headers.vary];
}

/** An event of exactly so many bytes, in its packet. */
function eventOf(bytes: number, to: string): string {
  const event = (pad: string) => `42/tenant,1${JSON.stringify(["message:send", { to, body: "large", clientMessageId: "large", pad }])}`;
  return event("x".repeat(bytes - event("").length));
}

story("the_largest_body_there_may_be_is_taken_and_one_byte_more_is_413", async (scene) => {
  const acme = await scene.tenant();
  const bob = await scene.memberAt(acme, "dm", "Bob");
  const { cookie } = await scene.logIn(await scene.member(acme, "Alice"));
  const sid = await handshake(scene.stack.url, { cookie });
  const post = (body: string, headers: Record<string, string> = {}) =>
    asked(scene, `EIO=4&transport=polling&sid=${sid}`, { method: "POST", body, headers: { cookie, ...headers } });
  assert.equal((await post('40/tenant,{"portal":"dm"}')).text, "ok");
  for (const headers of [{}, { "transfer-encoding": "chunked" }] as Record<string, string>[]) {
    const { status, text } = await post(eventOf(MAX_PAYLOAD + 1, bob.userId), headers);
    assert.deepEqual([status, text], [413, ""]);
  }
  // The connection lives on.
  assert.equal((await post(eventOf(MAX_PAYLOAD, bob.userId))).status, 200);
  assert.equal((await bob.next<Message>("message:new")).body, "large");
});

story("the_largest_frame_there_may_be_is_taken_and_one_byte_more_is_1009", async (scene) => {
  const acme = await scene.tenant();
  const bob = await scene.memberAt(acme, "dm", "Bob");
  const link = await scene.rawLink(await scene.logIn(await scene.member(acme, "Alice")));
  link.send('40/tenant,{"portal":"dm"}');
  await link.frame("40/tenant,");
  link.send(eventOf(MAX_PAYLOAD, bob.userId));
  assert.equal((await bob.next<Message>("message:new")).body, "large");
  link.send(eventOf(MAX_PAYLOAD + 1, bob.userId));
  assert.equal(await link.frame("nothing of the kind"), undefined);
  assert.equal(link.closedBy, "1009");
});

story("a_welcome_page_of_another_origin_can_read_every_answer", async (scene) => {
  const { cookie } = await scene.logIn(await scene.member(await scene.tenant()));
  const headers = { origin: PORTAL, cookie };
  const sid = await handshake(scene.stack.url, headers);
  const connection = `EIO=4&transport=polling&sid=${sid}`;
  const poll = asked(scene, connection, { headers });
  const answers: [number, Answer][] = [
    [200, await asked(scene, "EIO=4&transport=polling", { headers })],
    [200, await asked(scene, connection, { method: "POST", body: '40/tenant,{"portal":"dm"}', headers })],
    [200, await poll],
    [413, await asked(scene, connection, { method: "POST", body: eventOf(MAX_PAYLOAD + 1, "u_1"), headers })],
    [500, await asked(scene, connection, { method: "PUT", body: "", headers })],
    [400, await asked(scene, "EIO=4&transport=carrier-pigeon", { headers })],
    [400, await asked(scene, "EIO=4&transport=polling&sid=unknown", { headers })],
    [400, await asked(scene, "EIO=4&transport=polling", { method: "POST", body: "2", headers })],
    [400, await asked(scene, "EIO=3&transport=polling", { headers })],
  ];
  for (const [status, answer] of answers) {
    assert.equal(answer.status, status, answer.text);
    assert.deepEqual(corsOf(answer), [PORTAL, "true", "Origin"], `${status} ${answer.text}`);
  }
});

story("a_preflight_needs_neither_cookie_nor_connection", async (scene) => {
  const preflight = { "access-control-request-method": "POST", "access-control-request-headers": "x-tenant, content-type" };
  for (const query of ["EIO=4&transport=polling", "EIO=4&transport=polling&sid=unknown"]) {
    const answer = await asked(scene, query, { method: "OPTIONS", headers: { origin: PORTAL, ...preflight } });
    assert.equal(answer.status, 204);
    assert.deepEqual(corsOf(answer), [PORTAL, "true", "Origin, Access-Control-Request-Headers"]);
    assert.equal(answer.headers["access-control-allow-headers"], "x-tenant, content-type");
    for (const method of ["GET", "POST"]) assert.ok(answer.headers["access-control-allow-methods"]?.includes(method));
  }
  const refused = await asked(scene, "EIO=4&transport=polling", { method: "OPTIONS", headers: { origin: "https://evil.example", ...preflight } });
  assert.equal(refused.status, 403);
});

story("another_page_is_refused_on_both_transports_and_can_read_nothing", async (scene) => {
  const { cookie } = await scene.logIn(await scene.member(await scene.tenant()));
  const sid = await handshake(scene.stack.url, { cookie });
  const headers = { origin: "https://evil.example", cookie };
  for (const query of ["EIO=4&transport=polling", `EIO=4&transport=polling&sid=${sid}`]) {
    const answer = await asked(scene, query, { headers });
    assert.deepEqual([answer.status, answer.text], [403, '{"code":4,"message":"Forbidden"}']);
    assert.equal(answer.headers["access-control-allow-origin"], undefined);
  }
  for (const extra of ["", `&sid=${sid}`]) {
    const socket = new WebSocket(`${scene.stack.url.replace("http", "ws")}/realtime/?EIO=4&transport=websocket${extra}`, { headers });
    const [, { statusCode }] = await once(socket, "unexpected-response");
    assert.equal(statusCode, 403);
    socket.on("error", () => {}).terminate();
  }
});

story("a_page_without_origin_gets_no_cors_headers", async (scene) => {
  assert.deepEqual(corsOf(await asked(scene, "EIO=4&transport=polling")), [undefined, undefined, undefined]);
});
