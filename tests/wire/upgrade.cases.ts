/** The way from polling to a WebSocket (Engine.IO §upgrade). */
import type { Cases } from "./cases.ts";
import { different, same } from "./outcome.ts";
import {
  answered,
  connect,
  ended,
  hear,
  hold,
  open,
  openWebSocket,
  poll,
  post,
  send,
  sendOn,
  settled,
  stands,
  upgrade,
  vanish,
  type Step,
} from "./steps.ts";
import { GONE, ON_WEBSOCKET, polled, POSTED, POST_REFUSED } from "./told.ts";

const probing = [open, connect(), send("2probe"), hear("3probe")];
const again: Step[] = [connect({}, "second"), ended("second")];

export const upgrades: Cases = {
  a_probe_and_an_upgrade: { play: upgrade, outcome: same },
  an_upgrade_packet_straight_behind_the_probe: { play: [open, connect(), send("2probe", "5"), hear("3probe"), settled()], outcome: same },
  an_upgrade_packet_without_a_probe: { play: [open, connect(), send("5"), settled()], outcome: same },
  messages_after_the_upgrade: { play: [...upgrade, send("4a", Buffer.from([1, 2]), "4b"), settled()], outcome: same },
  a_message_straight_behind_the_upgrade_packet: { play: [...probing, send("5", "4a"), settled()], outcome: same },
  what_nobody_polled_comes_first_on_the_websocket: { play: [...probing, post("4a", "4b"), send("5", "4c"), settled()], outcome: same },
  polls_and_posts_while_probing: { play: [...probing, post("4a"), poll, send("5"), settled()], outcome: same },
  a_held_poll_is_ended_while_probing: {
    play: [open, hold(), connect(), send("2probe"), hear("3probe"), answered(), send("5"), settled()],
    outcome: same,
  },
  a_poll_that_comes_after_the_probe_is_ended: {
    play: [...probing, hold(), answered(), hold("again"), answered("again"), send("5"), settled()],
    outcome: same,
  },
  a_poll_that_is_held_at_the_upgrade: {
    play: [...probing, hold(), send("5"), answered(), settled()],
    outcome: different("a noop ends the poll; the close packet of the reference says that the connection is over, which it is not", {
      reference: ["ws opened", "ws: 3probe", polled("1"), "ws open", ON_WEBSOCKET],
      product: ["ws opened", "ws: 3probe", polled("6"), "ws open", ON_WEBSOCKET],
    }),
  },
  a_first_frame_that_is_neither: { play: [open, connect(), send("4a"), ended()], outcome: same },
  a_ping_without_its_word: { play: [open, connect(), send("2"), ended()], outcome: same },
  a_ping_with_another_word: { play: [open, connect(), send("2prob"), ended()], outcome: same },
  a_first_frame_of_binary: { play: [open, connect(), send(Buffer.from([1])), ended()], outcome: same },
  a_first_frame_of_an_unknown_type: { play: [open, connect(), send("9"), ended()], outcome: same },
  a_close_packet_instead_of_a_probe: { play: [open, connect(), send("1"), ended()], outcome: same },
  a_second_probe: { play: [...probing, send("2probe"), stands(), send("5"), stands()], outcome: same },
  a_message_between_probe_and_upgrade: { play: [...probing, send("4a"), ended()], outcome: same },
  a_websocket_that_vanishes_before_it_probes: { play: [open, connect(), vanish(), ended(), post("4a"), poll], outcome: same },
  a_websocket_that_vanishes_while_probing: { play: [...probing, vanish(), ended(), post("4a"), poll], outcome: same },
  another_try_after_one_that_vanished: {
    play: [
      ...probing,
      vanish(),
      ended(),
      post("4a"),
      poll,
      connect({}, "second"),
      sendOn("second", "2probe"),
      hear("3probe", "second"),
      sendOn("second", "5"),
      settled("second"),
    ],
    outcome: same,
  },
  a_second_websocket_while_the_first_probes: { play: [...probing, ...again, send("5"), settled()], outcome: same },
  a_second_websocket_after_the_upgrade: { play: [...upgrade, ...again, settled()], outcome: same },
  a_second_websocket_for_one_that_was_opened_so: {
    play: [openWebSocket, connect({}, "second"), sendOn("second", "2probe"), hear("3probe", "second"), settled()],
    outcome: different("a connection that was opened as a WebSocket has nothing to upgrade from", {
      reference: ["second opened", "second: 3probe", "ws open", ON_WEBSOCKET],
      product: ["second opened", "second closed 1005", "ws open", ON_WEBSOCKET],
    }),
  },
  a_poll_is_held_while_a_connection_that_probes_closes: { play: [...probing, hold(), post("1"), answered(), ended()], outcome: same },
  a_bad_packet_while_probing: {
    play: [...probing, post("9"), ended()],
    outcome: different("a POST that was refused says so", {
      reference: ["ws opened", "ws: 3probe", POSTED, "ws closed 1005", GONE],
      product: ["ws opened", "ws: 3probe", POST_REFUSED, "ws closed 1005", GONE],
    }),
  },
  a_client_that_takes_no_binary_after_the_upgrade: {
    play: [open, connect({ b64: "1" }), send("2probe"), hear("3probe"), send("5", Buffer.from([1, 2])), settled()],
    outcome: same,
  },
  an_upgraded_websocket_that_vanishes: { play: [...upgrade, vanish(), ended()], outcome: same },
  binary_that_nobody_polled_comes_as_binary: { play: [...probing, post("bAQID"), send("5"), settled()], outcome: same },
};
