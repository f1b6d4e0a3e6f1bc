/** Events and acks without binary (Socket.IO §event and §ack). */
import { differentOnceJoined, joined, joinedBoth, together, type Conversation, type Conversations } from "./conversation.ts";
import { different, same } from "./outcome.ts";

/** Said by a socket that has joined the root. */
function says(...packets: string[]): Conversation {
  return { says: [...joined, ...packets], outcome: same };
}

const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

const AS_THEY_CAME = "arguments are handed on as they came; the reference decodes them and encodes them anew";
const MISSING = "an event or ack without its list is not one, and no client sends it";
const SPACES = "for the reference white space is an id of zero";

export const events: Conversations = {
  an_event_comes_back: says('42["message",1,"2",{"3":[true]}]'),
  an_event_without_arguments: says('42["message"]'),
  events_come_back_in_order: says('42["message",1]', '42["message",2]', '42["message",3]'),
  the_root_is_named_by_an_event: says('42/,["message",1]'),
  an_event_nobody_handles: says('42["other",1]'),
  an_event_nobody_handles_with_an_id: says('427["other",1]'),
  an_event_named_by_a_number: says("42[7,1]"),
  an_event_named_by_nothing: says('42["",1]'),
  an_event_named_by_null: says("42[null]"),
  an_event_named_by_an_object: says("42[{}]"),
  an_event_named_by_a_list: says('42[["message"]]'),
  an_event_named_by_true: says("42[true]"),
  an_event_named_by_an_escape: says('42["\\u006dessage",1]'),
  an_event_without_a_name: says("42[]"),
  an_event_that_is_an_object: says('42{"0":"message"}'),
  an_event_that_is_text: says('42"message"'),
  an_event_that_is_null: says("42null"),
  an_event_without_a_payload: {
    ...says("42"),
    outcome: differentOnceJoined(MISSING, { reference: ["open"], product: ["closed"] }),
  },
  an_event_without_a_payload_with_an_id: {
    ...says("4212"),
    outcome: differentOnceJoined(MISSING, { reference: ["open"], product: ["closed"] }),
  },
  an_event_without_a_payload_for_a_namespace: {
    ...says("42/,"),
    outcome: differentOnceJoined(MISSING, { reference: ["open"], product: ["closed"] }),
  },
  an_event_that_is_no_json: says('42["message",'),
  an_event_of_not_a_number: says('42["message",NaN]'),
  garbage_behind_an_event: says('42["message",1]x'),
  another_list_behind_an_event: says('42["message",1][2]'),
  a_space_behind_an_event: says('42["message",1] '),
  a_line_break_before_an_event: {
    ...says('42\n["message-with-ack",1]'),
    outcome: differentOnceJoined(SPACES, { reference: ["430[1]", "open"], product: ["open"] }),
  },
  spaces_within_an_event: says('42[ "message" , 1 ]'),
  a_zero_byte_behind_an_event: says('42["message",1]\x00'),
  a_name_every_object_has: says('42["__proto__",1]', '42["constructor",1]', '42["hasOwnProperty",1]'),
  a_key_every_object_has: says('42["message",{"__proto__":{"a":1}}]'),
  a_key_that_stands_twice: {
    ...says('42["message",{"a":1,"a":2}]'),
    outcome: differentOnceJoined(AS_THEY_CAME, {
      reference: ['42["message-back",{"a":2}]', "open"],
      product: ['42["message-back",{"a":1,"a":2}]', "open"],
    }),
  },
  keys_that_are_numbers: {
    ...says('42["message",{"b":0,"2":0,"1":0}]'),
    outcome: differentOnceJoined(AS_THEY_CAME, {
      reference: ['42["message-back",{"1":0,"2":0,"b":0}]', "open"],
      product: ['42["message-back",{"b":0,"2":0,"1":0}]', "open"],
    }),
  },
  a_number_with_a_fraction_of_zero: {
    ...says('42["message",1.0]'),
    outcome: differentOnceJoined(AS_THEY_CAME, {
      reference: ['42["message-back",1]', "open"],
      product: ['42["message-back",1.0]', "open"],
    }),
  },
  a_number_of_twenty_digits: {
    ...says('42["message",12345678901234567890]'),
    outcome: differentOnceJoined(AS_THEY_CAME, {
      reference: ['42["message-back",12345678901234567000]', "open"],
      product: ['42["message-back",12345678901234567890]', "open"],
    }),
  },
  a_number_beyond_all: {
    ...says('42["message",1e999]'),
    outcome: differentOnceJoined(AS_THEY_CAME, {
      reference: ['42["message-back",null]', "open"],
      product: ['42["message-back",1e999]', "open"],
    }),
  },
  minus_zero: {
    ...says('42["message",-0]'),
    outcome: differentOnceJoined(AS_THEY_CAME, { reference: ['42["message-back",0]', "open"], product: ['42["message-back",-0]', "open"] }),
  },
  half_a_character: {
    ...says('42["message","\\ud800"]'),
    outcome: differentOnceJoined("half a character is none; the contract says what becomes of it", {
      reference: ['42["message-back","\\ud800"]', "open"],
      product: ['42["message-back","\\ufffd"]', "open"],
    }),
  },
  two_halves_of_a_character: {
    ...says('42["message","\\ud83d\\ude00"]'),
    outcome: differentOnceJoined(AS_THEY_CAME, {
      reference: ['42["message-back","😀"]', "open"],
      product: ['42["message-back","\\ud83d\\ude00"]', "open"],
    }),
  },
  characters_that_are_escaped: {
    ...says('42["message","\\u00e9\\n"]'),
    outcome: differentOnceJoined(AS_THEY_CAME, {
      reference: ['42["message-back","é\\n"]', "open"],
      product: ['42["message-back","\\u00e9\\n"]', "open"],
    }),
  },
  line_separators_of_unicode: says('42["message","\u2028\u2029"]'),
  a_placeholder_without_binary: says('42["message",{"_placeholder":true,"num":0}]'),
  an_event_as_deep_as_allowed: says(`42["message",${nested(100)}]`),
  an_event_deeper_than_allowed: {
    ...says(`42["message",${nested(200)}]`),
    outcome: differentOnceJoined("payloads are nested 127 deep at most, which typed decoders can take", {
      reference: ['42["message-back",[[[[[[[[[[[[[[[[[[[[[[… (419 characters)', "open"],
      product: ["closed"],
    }),
  },
  an_event_for_each_namespace: {
    says: [...joinedBoth, '42["message",1]', '42/custom,["message",1]', '42/custom,8["message-with-ack",1]'],
    outcome: same,
  },
  a_namespace_runs_into_the_event: says('42/["message",1]'),
  an_unknown_type_of_packet: says("47"),
  a_letter_as_type_of_packet: says("4x"),
  a_space_as_type_of_packet: {
    says: ["4 "],
    outcome: different("for the reference a space is a zero", {
      reference: ['40{"sid":"*"}', '42["auth",{}]', "open"],
      product: ["closed"],
    }),
  },
  an_empty_packet: { says: ["4"], outcome: same },
  an_empty_packet_once_joined: says("4"),
  a_bad_packet_ends_both_namespaces: { says: [...joinedBoth, "42{}", '42/custom,["message",1]'], outcome: same },
  a_bad_packet_behind_a_good_one: { says: [...joined, together('42["message",1]', "42{}")], over: ["polling"], outcome: same },
};

for (const name of ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"]) {
  events[`the_reserved_name_${name}`] = says(`42["${name}",1]`);
}
for (const name of ["connection", "error", "message-back", "ping", "end"]) {
  events[`the_name_${name}_is_not_reserved`] = says(`42["${name}",1]`);
}

export const acks: Conversations = {
  an_event_is_acked: says('4213["message-with-ack",1,"2",{"3":[true]}]'),
  an_event_without_arguments_is_acked: says('4213["message-with-ack"]'),
  an_event_is_acked_as_often_as_it_comes: says('421["message-with-ack",1]', '421["message-with-ack",1]'),
  events_are_acked_in_order: says('422["message-with-ack",2]', '421["message-with-ack",1]'),
  an_id_of_zero: says('420["message-with-ack",1]'),
  an_id_with_zeros_before: says('42007["message-with-ack",1]'),
  an_id_below_zero: says('42-1["message-with-ack",1]'),
  an_id_with_a_plus: says('42+1["message-with-ack",1]'),
  an_id_with_a_fraction: says('421.5["message-with-ack",1]'),
  an_id_with_an_exponent: says('421e3["message-with-ack",1]'),
  an_id_of_other_digits: says('42١["message-with-ack",1]'),
  the_largest_exact_id: says('429007199254740991["message-with-ack",1]'),
  an_id_beyond_the_exact_ones: {
    ...says('429007199254740993["message-with-ack",1]'),
    outcome: differentOnceJoined("ids are exact; beyond 2^53 the reference answers another one", {
      reference: ["439007199254740992[1]", "open"],
      product: ["439007199254740993[1]", "open"],
    }),
  },
  the_largest_id_of_64_bits: {
    ...says('4218446744073709551615["message-with-ack",1]'),
    outcome: differentOnceJoined("ids are exact; beyond 2^53 the reference answers another one", {
      reference: ["4318446744073709552000[1]", "open"],
      product: ["4318446744073709551615[1]", "open"],
    }),
  },
  an_id_of_65_bits: {
    ...says('4218446744073709551616["message-with-ack",1]'),
    outcome: differentOnceJoined("an id that cannot be answered is refused; the reference answers another one", {
      reference: ["4318446744073709552000[1]", "open"],
      product: ["closed"],
    }),
  },
  a_space_where_the_id_stands: {
    ...says('42 ["message-with-ack",1]'),
    outcome: differentOnceJoined(SPACES, { reference: ["430[1]", "open"], product: ["open"] }),
  },
  an_ack_nobody_waits_for: says("431[1]"),
  an_ack_without_an_id: says("43[1]"),
  an_ack_without_a_payload: {
    ...says("431"),
    outcome: differentOnceJoined(MISSING, { reference: ["open"], product: ["closed"] }),
  },
  an_ack_with_nothing_at_all: {
    ...says("43"),
    outcome: differentOnceJoined(MISSING, { reference: ["open"], product: ["closed"] }),
  },
  an_ack_that_is_an_object: says("431{}"),
  an_ack_that_is_no_json: says("431["),
  an_ack_with_garbage_behind: says("431[]x"),
  an_ack_for_a_namespace_not_joined: says("43/custom,1[1]"),
};
