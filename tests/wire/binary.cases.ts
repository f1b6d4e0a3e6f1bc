/** Events and acks with attachments (Socket.IO §binary). */
import { differentOnceJoined, joined, joinedBoth, seen, type Conversation, type Conversations, type Saying } from "./conversation.ts";
import { same } from "./outcome.ts";

function says(...packets: Saying[]): Conversation {
  return { says: [...joined, ...packets], outcome: same };
}

const bytes = (...values: number[]) => Buffer.from(values);
const at = (num: unknown) => `{"_placeholder":true,"num":${num}}`;
const many = (count: number) => Array.from({ length: count }, (_, index) => index);

const AS_THEY_CAME = "arguments are handed on as they came; the reference decodes them and encodes them anew";
const MISSING = "an event or ack without its list is not one, and no client sends it";

export const binaries: Conversations = {
  an_attachment_comes_back: says(`451-["message",${at(0)}]`, bytes(1, 2, 3)),
  an_attachment_deep_inside: says(`451-["message",{"a":[{"b":${at(0)}}]}]`, bytes(1, 2, 3)),
  two_attachments: says(`452-["message",${at(0)},"x",${at(1)}]`, bytes(1), bytes(2)),
  an_empty_attachment: says(`451-["message",${at(0)}]`, bytes()),
  an_attachment_is_acked: says(`451-13["message-with-ack",${at(0)}]`, bytes(1, 2, 3)),
  an_attachment_in_another_namespace: { says: [...joinedBoth, `451-/custom,["message",${at(0)}]`, bytes(1)], outcome: same },
  an_attachment_in_another_namespace_is_acked: {
    says: [...joinedBoth, `451-/custom,7["message-with-ack",${at(0)}]`, bytes(1)],
    outcome: same,
  },
  an_attachment_as_base64: says(`451-["message",${at(0)}]`, "bAQID"),
  ten_attachments: says(`4510-["message",${many(10).map(at).join()}]`, ...many(10).map((value) => bytes(value))),
  eleven_attachments: says(`4511-["message",${many(11).map(at).join()}]`, ...many(11).map((value) => bytes(value))),
  no_attachments: says('450-["message",1]'),
  a_count_below_zero: says('45-1-["message",1]'),
  a_count_with_a_fraction: says(`451.5-["message",${at(0)}]`, bytes(1)),
  a_count_with_a_zero_before: says(`4501-["message",${at(0)}]`, bytes(1)),
  a_count_with_a_plus: {
    ...says(`45+1-["message",${at(0)}]`, bytes(1)),
    outcome: differentOnceJoined("a count is digits; the reference takes whatever JavaScript takes for a number", {
      reference: ['451-["message-back",{"_placeholder":true,"num":0}]', "binary 01", "open"],
      product: ["closed"],
    }),
  },
  a_count_with_an_exponent: {
    ...says(`451e0-["message",${at(0)}]`, bytes(1)),
    outcome: differentOnceJoined("a count is digits; the reference takes whatever JavaScript takes for a number", {
      reference: ['451-["message-back",{"_placeholder":true,"num":0}]', "binary 01", "open"],
      product: ["closed"],
    }),
  },
  a_count_of_twenty_digits: says(`4599999999999999999999-["message",${at(0)}]`, bytes(1)),
  a_count_without_its_dash: says(`451["message",${at(0)}]`, bytes(1)),
  a_dash_without_its_count: says(`45-["message",${at(0)}]`, bytes(1)),
  neither_count_nor_dash: says(`45["message",${at(0)}]`, bytes(1)),
  a_placeholder_beyond_the_attachments: says(`451-["message",${at(1)}]`, bytes(1)),
  a_placeholder_below_zero: says(`451-["message",${at(-1)}]`, bytes(1)),
  a_placeholder_with_a_fraction: {
    ...says(`452-["message",${at(0.5)}]`, bytes(1), bytes(2)),
    outcome: differentOnceJoined("no attachment has half a number; the reference hands on nothing in its place", {
      reference: ['42["message-back",null]', "open"],
      product: ["closed"],
    }),
  },
  a_placeholder_of_text: says(`451-["message",${at('"0"')}]`, bytes(1)),
  a_placeholder_of_a_property: says(`451-["message",${at('"splice"')}]`, bytes(1)),
  a_placeholder_without_a_number: says('451-["message",{"_placeholder":true}]', bytes(1)),
  a_placeholder_that_says_no: {
    ...says('451-["message",{"_placeholder":false,"num":0}]', bytes(1)),
    outcome: differentOnceJoined(AS_THEY_CAME, {
      reference: ['42["message-back",{"_placeholder":false,"num":0}]', "open"],
      product: ['451-["message-back",{"_placeholder":false,"num":0}]', "binary 01", "open"],
    }),
  },
  a_placeholder_twice: {
    ...says(`451-["message",${at(0)},${at(0)}]`, bytes(1)),
    outcome: differentOnceJoined(AS_THEY_CAME, {
      reference: ['452-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]', "binary 01", "binary 01", "open"],
      product: ['451-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]', "binary 01", "open"],
    }),
  },
  placeholders_the_other_way_round: {
    ...says(`452-["message",${at(1)},${at(0)}]`, bytes(1), bytes(2)),
    outcome: differentOnceJoined(AS_THEY_CAME, {
      reference: ['452-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]', "binary 02", "binary 01", "open"],
      product: ['452-["message-back",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]', "binary 01", "binary 02", "open"],
    }),
  },
  an_attachment_without_a_placeholder: {
    ...says('451-["message",1]', bytes(1)),
    outcome: differentOnceJoined(AS_THEY_CAME, {
      reference: ['42["message-back",1]', "open"],
      product: ['451-["message-back",1]', "binary 01", "open"],
    }),
  },
  a_placeholder_as_name: says(`451-[${at(0)},1]`, bytes(1)),
  a_reserved_name_with_an_attachment: says(`451-["disconnect",${at(0)}]`, bytes(1)),
  binary_when_none_is_due: says(bytes(1)),
  binary_before_the_connect: { says: [bytes(1)], outcome: same },
  text_while_binary_is_due: says(`451-["message",${at(0)}]`, '42["message",1]'),
  a_connect_while_binary_is_due: says(`451-["message",${at(0)}]`, "40/custom,"),
  more_binary_than_due: says(`451-["message",${at(0)}]`, bytes(1), seen, bytes(2)),
  less_binary_than_due: says(`452-["message",${at(0)},${at(1)}]`, bytes(1), '42["message",1]'),
  an_attachment_for_a_namespace_not_joined: says(`451-/custom,["message",${at(0)}]`, bytes(1)),
  an_attachment_without_a_payload: {
    ...says("451-", bytes(1)),
    outcome: differentOnceJoined(MISSING, { reference: ["open"], product: ["closed"] }),
  },
  an_attachment_of_no_json: says('451-["message",', bytes(1)),
  an_ack_with_an_attachment: says(`461-1[${at(0)}]`, bytes(1)),
  an_ack_with_an_attachment_without_an_id: says(`461-[${at(0)}]`, bytes(1)),
  a_disconnect_while_binary_is_due: says(`451-["message",${at(0)}]`, "41"),
};
