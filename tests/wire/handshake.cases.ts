/** Handshakes, their refusals, and what requests are refused later (Engine.IO §handshake). */
import type { Cases } from "./cases.ts";
import { different, same } from "./outcome.ts";
import { ask, connect, ended, handshake, hear, open, openWebSocket, settled, upgrade, type Step } from "./steps.ts";
import { LIVES, opened, payload } from "./told.ts";

const raw =
  (bytes: string): Step =>
  async (peer) =>
    peer.tell(await peer.raw(bytes));
const get = (query: string, header = "") => `GET /realtime/?${query} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${header}\r\n`;
const ORIGIN = { origin: "http://elsewhere.example" };

const PATHS = "clients differ in whether they add the slash, and both mean us";
const ORIGINS = "browsers send the session's cookie along from any page: only pages that are welcome may use it";

export const handshakes: Cases = {
  a_polling_handshake_has_five_keys: { play: [handshake()], outcome: same },
  a_websocket_handshake_has_no_upgrades: { play: [connect(), hear("0"), settled()], outcome: same },
  keys_of_the_application_are_passed_over: { play: [handshake({ a: "1", t: "abc", EIO: "4" })], outcome: same },
  an_empty_sid_is_none: { play: [handshake({ sid: "" })], outcome: same },
  the_path_without_its_slash_by_polling: {
    play: [ask("GET", {}, { path: "/realtime" })],
    outcome: different(PATHS, { reference: ["GET: 404 | "], product: [`GET: ${payload(opened('"websocket"'))}`] }),
  },
  the_path_without_its_slash_by_websocket: {
    play: [connect({}, "ws", { path: "/realtime" })],
    outcome: different(PATHS, { reference: ["ws refused without an answer"], product: ["ws opened"] }),
  },
  another_path: { play: [ask("GET", {}, { path: "/elsewhere/" })], outcome: same },
  a_path_below: {
    play: [ask("GET", {}, { path: "/realtime/below" })],
    outcome: different("a path that nobody documents is nobody's", {
      reference: [`GET: ${payload(opened('"websocket"'))}`],
      product: ["GET: 404 | "],
    }),
  },
  no_transport: { play: [ask("GET", { transport: "" })], outcome: same },
  an_unknown_transport: { play: [ask("GET", { transport: "carrier-pigeon" })], outcome: same },
  webtransport_by_http: { play: [ask("GET", { transport: "webtransport" })], outcome: same },
  an_unknown_transport_by_websocket: { play: [connect({ transport: "carrier-pigeon" })], outcome: same },
  a_polling_transport_by_websocket: {
    play: [connect({ transport: "polling" }), ended()],
    outcome: different("polling needs no upgrade, and HTTP lets a server pass one over; the reference opens a WebSocket to close it", {
      reference: ["ws opened", "ws closed 1005"],
      product: [`ws refused: 200 | text/plain; charset=UTF-8 | ${opened('"websocket"')}`],
    }),
  },
  an_unknown_sid_by_get: { play: [ask("GET", { sid: "nobody" })], outcome: same },
  an_unknown_sid_by_post: { play: [ask("POST", { sid: "nobody" }, { body: "4a" })], outcome: same },
  an_unknown_sid_by_websocket: { play: [connect({ sid: "nobody" })], outcome: same },
  a_sid_that_every_object_has: { play: [ask("GET", { sid: "__proto__" })], outcome: same },
  a_handshake_by_post: { play: [ask("POST", {}, { body: "4a" })], outcome: same },
  a_handshake_by_put: { play: [ask("PUT")], outcome: same },
  a_handshake_by_head: { play: [ask("HEAD")], outcome: same },
  a_handshake_by_delete: { play: [ask("DELETE")], outcome: same },
  a_websocket_handshake_without_an_upgrade: { play: [ask("GET", { transport: "websocket" })], outcome: same },
  protocol_3_by_polling: { play: [ask("GET", { EIO: "3" })], outcome: same },
  no_protocol_by_polling: { play: [ask("GET", { EIO: "" })], outcome: same },
  protocol_5_by_polling: { play: [ask("GET", { EIO: "5" })], outcome: same },
  protocol_3_by_websocket: {
    play: [connect({ EIO: "3" }), ended()],
    outcome: different("the reference opens the WebSocket and then writes an HTTP answer into it", {
      reference: ["ws opened", "ws closed 1006"],
      product: ["ws refused: 400 | text/html | Unsupported protocol version"],
    }),
  },
  an_unknown_transport_comes_before_an_unknown_sid: { play: [ask("GET", { transport: "x", sid: "nobody" })], outcome: same },
  an_unknown_sid_comes_before_the_protocol: { play: [ask("GET", { EIO: "3", sid: "nobody" })], outcome: same },
  the_method_comes_before_the_protocol: { play: [ask("POST", { EIO: "3" })], outcome: same },
  the_missing_upgrade_comes_before_the_protocol: { play: [ask("GET", { EIO: "3", transport: "websocket" })], outcome: same },
  a_polling_connection_asked_as_websocket: { play: [open, ask("GET", { transport: "websocket" })], outcome: same },
  a_polling_connection_asked_with_another_protocol: { play: [open, ask("GET", { EIO: "3" })], outcome: same },
  an_upgrade_with_another_protocol: { play: [open, connect({ EIO: "3" })], outcome: same },
  a_websocket_connection_asked_by_polling: { play: [openWebSocket, ask("GET"), settled()], outcome: same },
  an_upgraded_connection_asked_by_polling: { play: [...upgrade, ask("GET"), ask("POST", {}, { body: "4a" }), settled()], outcome: same },
  a_polling_connection_asked_by_put: { play: [open, ask("PUT", {}, { body: "4a" })], outcome: same },
  an_origin_of_our_own: {
    play: [async (peer) => handshake({}, { origin: new URL(peer.address({})).origin })(peer)],
    outcome: different("a page that may come can read the answer, credentials included", {
      reference: [payload(opened('"websocket"')), LIVES],
      product: [
        payload(
          opened('"websocket"'),
          "cache-control: no-store | access-control-allow-origin: http://host | access-control-allow-credentials: true | vary: Origin",
        ),
        LIVES,
      ],
    }),
  },
  a_foreign_origin_by_polling: {
    play: [ask("GET", {}, { headers: ORIGIN })],
    outcome: different(ORIGINS, {
      reference: [`GET: ${payload(opened('"websocket"'))}`],
      product: ['GET: 403 | content-type: application/json | {"code":4,"message":"Forbidden"}'],
    }),
  },
  a_foreign_origin_by_websocket: {
    play: [connect({}, "ws", { headers: ORIGIN })],
    outcome: different(ORIGINS, { reference: ["ws opened"], product: ["ws refused: 403 | text/html | Forbidden"] }),
  },
  an_origin_with_illegal_characters: {
    play: [raw(get("EIO=4&transport=polling", "origin: a\x01b\r\n"))],
    outcome: same,
  },
  a_subprotocol_that_is_offered: { play: [connect({}, "ws", { protocols: ["first", "second"] })], outcome: same },
  a_subprotocol_that_is_offered_at_an_upgrade: { play: [open, connect({}, "ws", { protocols: ["first"] })], outcome: same },
  a_transport_in_capitals: { play: [ask("GET", { transport: "Polling" })], outcome: same },
  a_transport_that_is_escaped: {
    play: [raw(get("EIO=4&transport=poll%69ng"))],
    outcome: different("the protocol's values are plain letters and digits: nobody escapes them", {
      reference: ["HTTP/1.1 200 OK"],
      product: ["HTTP/1.1 400 Bad Request"],
    }),
  },
  a_transport_twice: { play: [raw(get("EIO=4&transport=polling&transport=polling"))], outcome: same },
  a_protocol_twice: { play: [raw(get("EIO=4&EIO=4&transport=polling"))], outcome: same },
  a_sid_twice: { play: [raw(get("EIO=4&transport=polling&sid=a&sid=b"))], outcome: same },
  a_query_without_values: { play: [raw(get("EIO&transport&sid"))], outcome: same },
  a_polling_connection_asked_by_head: { play: [open, ask("HEAD")], outcome: same },
  a_polling_connection_asked_by_options: { play: [open, ask("OPTIONS")], outcome: same },
  a_post_to_a_polling_connection_as_websocket: { play: [open, ask("POST", { transport: "websocket" }, { body: "4a" })], outcome: same },
  a_preflight: {
    play: [ask("OPTIONS", {}, { headers: { "access-control-request-method": "POST" } })],
    outcome: different("without its option `cors` the reference takes a preflight for a handshake", {
      reference: ['OPTIONS: 400 | content-type: application/json | {"code":2,"message":"Bad handshake method"}'],
      product: ["OPTIONS: 204 | access-control-allow-methods: GET, POST, OPTIONS | vary: Origin, Access-Control-Request-Headers | "],
    }),
  },
  options_that_are_no_preflight: { play: [ask("OPTIONS")], outcome: same },
};
