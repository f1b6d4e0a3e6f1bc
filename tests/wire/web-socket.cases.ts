/** Frames of a connection over a WebSocket (Engine.IO §websocket). */
import type { Cases } from "./cases.ts";
import { different, same } from "./outcome.ts";
import { connect, ended, hear, openWebSocket, send, settled, vanish, type Step } from "./steps.ts";
import { GONE, ON_WEBSOCKET, opened } from "./told.ts";

const LIMIT = 1_000_000;
const pinged: Step = async (peer) => peer.tell(`pong: ${await peer.socket("ws").ping("are you there")}`);
const sendBytesAsText =
  (...values: number[]): Step =>
  async (peer) =>
    peer.socket("ws").sendPart(Buffer.from(values), true);
const sendInParts =
  (first: string, last: string): Step =>
  async (peer) => {
    peer.socket("ws").sendPart(Buffer.from(first), false);
    peer.socket("ws").sendPart(Buffer.from(last), true);
  };
const closeWith =
  (code?: number): Step =>
  async (peer) =>
    peer.socket("ws").close(code);

const BASE64 = "what is no base64 is refused; the reference hands on what it makes of it";

export const webSockets: Cases = {
  text_comes_back_as_text: { play: [openWebSocket, send("4hello", "4ü€👋", "4"), settled()], outcome: same },
  binary_comes_back_as_binary: { play: [openWebSocket, send(Buffer.from([0, 1, 2, 255])), settled()], outcome: same },
  an_empty_binary_frame: { play: [openWebSocket, send(Buffer.alloc(0)), settled()], outcome: same },
  base64_in_a_text_frame_is_binary: { play: [openWebSocket, send("bAQIDBA=="), settled()], outcome: same },
  base64_without_its_padding_in_a_text_frame: {
    play: [openWebSocket, send("bAQIDBA"), settled()],
    outcome: different(BASE64, { reference: ["ws: binary 01020304", "ws open", ON_WEBSOCKET], product: ["ws closed 1005", GONE] }),
  },
  base64_that_is_none_in_a_text_frame: {
    play: [openWebSocket, send("b!!!!"), settled()],
    outcome: different(BASE64, { reference: ["ws: binary ", "ws open", ON_WEBSOCKET], product: ["ws closed 1005", GONE] }),
  },
  a_client_that_takes_no_binary_gets_base64: {
    play: [connect({ b64: "1" }), hear("0"), send(Buffer.from([1, 2, 3, 4]), "bAQIDBA=="), settled()],
    outcome: same,
  },
  b64_by_another_value: { play: [connect({ b64: "true" }), hear("0"), send(Buffer.from([1, 2, 3, 4])), settled()], outcome: same },
  b64_that_says_no: {
    play: [connect({ b64: "0" }), hear("0"), send(Buffer.from([1, 2, 3, 4])), settled()],
    outcome: different("0 says no; for the reference the mere key says yes", {
      reference: ["ws opened", `ws: ${opened("")}`, "ws: bAQIDBA==", "ws open", ON_WEBSOCKET],
      product: ["ws opened", `ws: ${opened("")}`, "ws: binary 01020304", "ws open", ON_WEBSOCKET],
    }),
  },
  a_ping_of_the_websocket_itself: { play: [openWebSocket, pinged, settled()], outcome: same },
  a_frame_of_the_limit: { play: [openWebSocket, send(`4${"x".repeat(LIMIT - 1)}`), settled()], outcome: same },
  a_frame_above_the_limit: { play: [openWebSocket, send(`4${"x".repeat(LIMIT)}`), settled()], outcome: same },
  a_binary_frame_above_the_limit: { play: [openWebSocket, send(Buffer.alloc(LIMIT + 1)), settled()], outcome: same },
  an_empty_text_frame: { play: [openWebSocket, send(""), settled()], outcome: same },
  an_unknown_type_in_a_frame: { play: [openWebSocket, send("9a"), settled()], outcome: same },
  a_letter_as_type_in_a_frame: { play: [openWebSocket, send("hello"), settled()], outcome: same },
  a_good_frame_before_a_bad_one: { play: [openWebSocket, send("4a"), hear("4a"), send("9"), settled()], outcome: same },
  a_payload_of_polling_in_a_frame: { play: [openWebSocket, send("4a\x1e4b"), settled()], outcome: same },
  a_ping_from_the_client_in_a_frame: { play: [openWebSocket, send("2"), settled()], outcome: same },
  a_probe_on_an_established_websocket: { play: [openWebSocket, send("2probe"), settled()], outcome: same },
  a_pong_that_nobody_asked_for_in_a_frame: { play: [openWebSocket, send("3"), settled()], outcome: same },
  an_open_packet_in_a_frame: { play: [openWebSocket, send("0"), settled()], outcome: same },
  an_upgrade_packet_on_an_established_websocket: { play: [openWebSocket, send("5"), settled()], outcome: same },
  a_noop_in_a_frame: { play: [openWebSocket, send("6"), settled()], outcome: same },
  a_close_packet_in_a_frame: {
    play: [openWebSocket, send("1"), settled()],
    outcome: different("who says that he leaves is let go; the reference waits for his pong", {
      reference: ["ws open", ON_WEBSOCKET],
      product: ["ws closed 1005", GONE],
    }),
  },
  a_close_frame_without_a_code: { play: [openWebSocket, closeWith(), ended()], outcome: same },
  a_close_frame_with_a_code: { play: [openWebSocket, closeWith(1000), ended()], outcome: same },
  a_close_frame_with_a_code_of_the_application: { play: [openWebSocket, closeWith(4321), ended()], outcome: same },
  a_message_in_two_frames: { play: [openWebSocket, sendInParts("4he", "llo"), settled()], outcome: same },
  a_message_in_two_frames_above_the_limit: {
    play: [openWebSocket, sendInParts(`4${"x".repeat(LIMIT / 2)}`, "x".repeat(LIMIT / 2)), settled()],
    outcome: same,
  },
  text_that_is_no_text: { play: [openWebSocket, sendBytesAsText(0x34, 0xff, 0xfe), settled()], outcome: same },
  a_websocket_that_vanishes: { play: [openWebSocket, vanish(), ended()], outcome: same },
};
