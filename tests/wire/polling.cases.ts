/** Polls and POSTs of a polling connection (Engine.IO §polling). */
import type { Cases } from "./cases.ts";
import { different, same } from "./outcome.ts";
import { answered, ask, finishPost, giveUp, hold, noticed, open, poll, post, startPost } from "./steps.ts";
import { GONE, LIVES, payload, polled, POSTED, POST_REFUSED } from "./told.ts";

const LIMIT = 1_000_000;
const chunked = { "transfer-encoding": "chunked" };

/** How a trace tells the long answer. */
const LONG = `4${"x".repeat(39)}… (5001 characters)`;

const BASE64 = "what is no base64 is refused; the reference hands on what it makes of it";
const TWO_POSTS = "the POST that was under way is answered rather than reset";
const BAD_POSTS = "a POST that was refused says so";
const UNANSWERED = "who breaks the protocol or leaves does not wait for answers to what was sent along";

export const pollings: Cases = {
  a_message_by_post_comes_back_by_poll: { play: [open, post("4hello"), poll], outcome: same },
  a_held_poll_is_answered: { play: [open, hold(), post("4hello"), answered()], outcome: same },
  many_packets_of_one_post_come_back_together: { play: [open, post("4a", "4b", "4ü€👋"), poll], outcome: same },
  many_packets_while_a_poll_is_held: {
    play: [open, hold(), post("4a", "4b"), answered()],
    outcome: different("what is ready together goes together; the reference answers with the first and keeps the rest", {
      reference: [
        POSTED,
        polled("4a"),
        `next: 200 | content-type: text/html | cache-control: no-store | ok / ${payload("4b ␞ the fence")}`,
      ],
      product: [POSTED, polled("4a ␞ 4b"), LIVES],
    }),
  },
  many_posts_come_back_together: { play: [open, post("4a"), post("4b"), poll], outcome: same },
  a_long_answer_is_told_whole: { play: [open, post(`4${"x".repeat(5000)}`), poll], outcome: same },
  a_long_answer_for_a_client_that_takes_gzip: {
    play: [open, post(`4${"x".repeat(5000)}`), ask("GET", {}, { headers: { "accept-encoding": "gzip" } })],
    outcome: different("to compress is the business of the proxy in front", {
      reference: [
        POSTED,
        `GET: 200 | content-type: text/plain; charset=UTF-8 | content-encoding: gzip | cache-control: no-store | ${LONG}`,
        LIVES,
      ],
      product: [POSTED, `GET: ${payload(LONG)}`, LIVES],
    }),
  },
  binary_by_polling_is_base64: { play: [open, post("bAQIDBA=="), poll], outcome: same },
  empty_binary_by_polling: { play: [open, post("b"), poll], outcome: same },
  base64_without_its_padding: {
    play: [open, hold(), post("bAQIDBA"), answered()],
    outcome: different(BASE64, { reference: [POSTED, polled("bAQIDBA=="), LIVES], product: [POST_REFUSED, polled("1"), GONE] }),
  },
  base64_of_the_url_alphabet: {
    play: [open, hold(), post("b-_-_"), answered()],
    outcome: different(BASE64, { reference: [POSTED, polled("b+/+/"), LIVES], product: [POST_REFUSED, polled("1"), GONE] }),
  },
  base64_that_is_none: {
    play: [open, hold(), post("b!!!!"), answered()],
    outcome: different(BASE64, { reference: [POSTED, polled("b"), LIVES], product: [POST_REFUSED, polled("1"), GONE] }),
  },
  an_empty_message: { play: [open, post("4"), poll], outcome: same },
  two_polls: { play: [open, hold("first"), ask("GET"), answered("first")], outcome: same },
  two_posts: {
    play: [open, startPost("first", "4a", 10), post("4b"), answered("first")],
    outcome: different(TWO_POSTS, { reference: [POST_REFUSED, "first: no answer", GONE], product: [POST_REFUSED, "first: 400 | ", GONE] }),
  },
  two_posts_while_a_poll_is_held: {
    play: [open, hold(), startPost("first", "4a", 10), post("4b"), answered("first"), answered()],
    outcome: different(TWO_POSTS, {
      reference: [POST_REFUSED, "first: no answer", polled("1"), GONE],
      product: [POST_REFUSED, "first: 400 | ", polled("1"), GONE],
    }),
  },
  a_post_in_two_parts: { play: [open, startPost("post", "4he", 6), finishPost("post", "llo"), poll], outcome: same },
  a_poll_and_a_post_overlap: { play: [open, hold(), startPost("post", "4he", 6), finishPost("post", "llo"), answered()], outcome: same },
  an_aborted_poll: { play: [open, hold(), giveUp(), noticed], outcome: same },
  an_aborted_post: { play: [open, startPost("post", "4a", 10), giveUp("post"), noticed], outcome: same },
  an_octet_stream: {
    play: [open, ask("POST", {}, { body: "4a", headers: { "content-type": "application/octet-stream" } })],
    outcome: same,
  },
  an_octet_stream_while_a_poll_is_held: {
    play: [open, hold(), ask("POST", {}, { body: "4a", headers: { "content-type": "application/octet-stream" } }), answered()],
    outcome: same,
  },
  another_content_type: {
    play: [open, ask("POST", {}, { body: "4a", headers: { "content-type": "application/json" } }), poll],
    outcome: same,
  },
  a_post_of_the_limit: { play: [open, post(`4${"x".repeat(LIMIT - 1)}`), poll], outcome: same },
  a_post_above_the_limit: { play: [open, post(`4${"x".repeat(LIMIT)}`)], outcome: same },
  a_post_above_the_limit_of_unknown_length: {
    play: [open, ask("POST", {}, { body: `4${"x".repeat(LIMIT)}`, headers: chunked })],
    outcome: same,
  },
  an_empty_post: {
    play: [open, hold(), post(""), answered()],
    outcome: different(BAD_POSTS, { reference: [POSTED, polled("1"), GONE], product: [POST_REFUSED, polled("1"), GONE] }),
  },
  an_empty_packet_behind_a_good_one: {
    play: [open, hold(), post("4a", ""), answered()],
    outcome: different(`${BAD_POSTS}; ${UNANSWERED}`, {
      reference: [POSTED, polled("4a"), GONE],
      product: [POST_REFUSED, polled("1"), GONE],
    }),
  },
  an_empty_packet_before_a_good_one: {
    play: [open, hold(), post("", "4a"), answered()],
    outcome: different(BAD_POSTS, { reference: [POSTED, polled("1"), GONE], product: [POST_REFUSED, polled("1"), GONE] }),
  },
  an_unknown_type: {
    play: [open, hold(), post("9a"), answered()],
    outcome: different(BAD_POSTS, { reference: [POSTED, polled("1"), GONE], product: [POST_REFUSED, polled("1"), GONE] }),
  },
  an_unknown_type_behind_a_good_packet: {
    play: [open, hold(), post("4a", "9", "4b"), answered()],
    outcome: different(`${BAD_POSTS}; ${UNANSWERED}`, {
      reference: [POSTED, polled("4a"), GONE],
      product: [POST_REFUSED, polled("1"), GONE],
    }),
  },
  an_unknown_type_while_nobody_polls: {
    play: [open, post("9a")],
    outcome: different(BAD_POSTS, { reference: [POSTED, GONE], product: [POST_REFUSED, GONE] }),
  },
  bytes_that_are_no_text: {
    play: [open, hold(), ask("POST", {}, { body: Buffer.from([0x34, 0xff, 0xfe]) }), answered()],
    outcome: different("text that is none is refused; the reference hands on what it makes of it", {
      reference: [POSTED, polled("4��"), LIVES],
      product: [POST_REFUSED, polled("1"), GONE],
    }),
  },
  a_ping_from_the_client: { play: [open, post("2")], outcome: same },
  a_ping_from_the_client_while_a_poll_is_held: { play: [open, hold(), post("2"), answered()], outcome: same },
  a_probe_by_polling: { play: [open, hold(), post("2probe"), answered()], outcome: same },
  a_pong_that_nobody_asked_for: { play: [open, post("3")], outcome: same },
  an_open_packet_from_the_client: { play: [open, post("0")], outcome: same },
  an_upgrade_packet_by_polling: { play: [open, post("5")], outcome: same },
  a_noop_from_the_client: { play: [open, post("6")], outcome: same },
  a_close_packet_while_a_poll_is_held: { play: [open, hold(), post("1"), answered()], outcome: same },
  a_close_packet_while_nobody_polls: { play: [open, post("1")], outcome: same },
  a_close_packet_behind_a_message: {
    play: [open, hold(), post("4a", "1"), answered()],
    outcome: different(UNANSWERED, { reference: [POSTED, polled("4a"), GONE], product: [POSTED, polled("6"), GONE] }),
  },
  packets_behind_a_close_packet: { play: [open, hold(), post("1", "4a"), answered()], outcome: same },
  a_thousand_packets: { play: [open, post(...Array.from({ length: 1000 }, () => "4a")), poll], outcome: same },
  two_thousand_packets: {
    play: [open, hold(), post(...Array.from({ length: 2000 }, () => "4a")), answered()],
    outcome: different("many tiny packets cost more than their bytes (CVE-2020-36048)", {
      reference: [
        POSTED,
        polled("4a"),
        `next: 200 | content-type: text/html | cache-control: no-store | ok / ${payload("4a ␞ ".repeat(8) + "… (6003 characters)")}`,
      ],
      product: [POST_REFUSED, polled("1"), GONE],
    }),
  },
};
