/** Pings, pongs, and deadlines (Engine.IO §heartbeat). Here time is what is tested. */
import { setTimeout as pause } from "node:timers/promises";
import type { Cases } from "./cases.ts";
import { different, same } from "./outcome.ts";
import { settings } from "./server.ts";
import { ask, connect, ended, hear, hold, answered, open, post, send, settled, type Step } from "./steps.ts";
import { GONE, ON_WEBSOCKET } from "./told.ts";

/** Servers count from when they saw a packet, we from when we saw theirs. */
const EARLY_MS = 30;
/** A busy machine wakes everybody up late. */
const LATE_MS = 400;

const silent = connect({}, "ws", { isSilent: true });
const clock: Step = async (peer) => peer.startClock();
const wait =
  (ms: number): Step =>
  async () =>
    void (await pause(ms));

/** Tells whether as long has passed since the clock was started. */
function passed(ms: number): Step {
  return async (peer) => {
    const { elapsedMs } = peer;
    const isInTime = elapsedMs >= ms - EARLY_MS && elapsedMs <= ms + LATE_MS;
    peer.tell(isInTime ? `after ${ms} ms` : `after ${elapsedMs} ms instead of ${ms}`);
  };
}

/** Asks for nothing, and keeps a polling connection alive for as long. */
function keepPolling(ms: number): Step {
  return async (peer) => {
    peer.startClock();
    while (peer.elapsedMs < ms) {
      const { body } = await peer.request("GET");
      if (body === "2") await peer.request("POST", {}, { body: "3" });
    }
  };
}

const { pingInterval, pingTimeout, upgradeTimeout } = settings;
const DEAD_AFTER = pingInterval + pingTimeout;

export const heartbeats: Cases = {
  the_first_ping_on_a_websocket: { play: [silent, hear("0"), clock, hear("2"), passed(pingInterval)], outcome: same },
  the_next_ping_on_a_websocket: {
    play: [silent, hear("0"), hear("2"), clock, send("3"), hear("2"), passed(pingInterval), send("3"), hear("2")],
    outcome: same,
  },
  a_websocket_that_does_not_answer: { play: [silent, hear("0"), clock, ended(), passed(DEAD_AFTER)], outcome: same },
  a_pong_before_its_ping_does_not_count: { play: [silent, hear("0"), clock, send("3"), ended(), passed(DEAD_AFTER)], outcome: same },
  another_packet_extends_the_wait_once: {
    play: [silent, hear("0"), hear("2"), clock, wait(pingTimeout / 2), send("4a"), hear("4a"), ended(), passed(pingTimeout * 1.5)],
    outcome: same,
  },
  more_packets_do_not_extend_it_again: {
    play: [silent, hear("0"), hear("2"), clock, wait(100), send("4a"), wait(150), send("4b"), ended(), passed(pingTimeout * 1.5)],
    outcome: same,
  },
  a_pong_with_a_word: { play: [silent, hear("0"), hear("2"), send("3word"), clock, hear("2"), passed(pingInterval)], outcome: same },
  a_ping_comes_by_a_held_poll: { play: [open, clock, hold(), answered(), passed(pingInterval), post("3")], outcome: same },
  a_ping_waits_for_a_poll: { play: [open, wait(pingInterval + 50), ask("GET"), post("3")], outcome: same },
  a_connection_that_nobody_polls: { play: [open, wait(DEAD_AFTER + 50)], outcome: same },
  a_poll_that_is_held_when_the_pong_is_late: {
    play: [open, hold(), answered(), clock, hold("next"), answered("next"), passed(pingTimeout)],
    outcome: same,
  },
  an_upgrade_while_a_pong_is_due: {
    play: [
      open,
      hold(),
      connect({}, "ws", { isSilent: true }),
      send("2probe"),
      hear("3probe"),
      wait(pingInterval + 50),
      send("5"),
      hear("2"),
      wait(pingTimeout + 100),
      settled(),
    ],
    outcome: different("the reference forgets the pong that is due when the client upgrades, and a half-upgraded peer would linger", {
      reference: ["ws opened", "ws: 3probe", "ws: 2", "ws open", ON_WEBSOCKET],
      product: ["ws opened", "ws: 3probe", "ws: 2", "ws closed 1005", GONE],
    }),
  },
  a_probe_without_an_upgrade: {
    play: [open, connect(), clock, send("2probe"), hear("3probe"), keepPolling(upgradeTimeout), ended(), passed(upgradeTimeout)],
    outcome: same,
  },
  a_websocket_that_does_not_even_probe: {
    play: [open, connect(), keepPolling(upgradeTimeout), ended(), passed(upgradeTimeout)],
    outcome: same,
  },
  a_websocket_that_answers_lives: { play: [connect(), hear("0"), wait(DEAD_AFTER * 3), settled()], outcome: same },
};
