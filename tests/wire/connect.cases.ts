/** Joining and leaving namespaces (Socket.IO §connection and §disconnection). */
import { differentOnceJoined, joined, joinedBoth, seen, together, until, type Conversations, type Saying } from "./conversation.ts";
import { different, same } from "./outcome.ts";
import { settings } from "./server.ts";

const CONNECT_LATE_MS = 1_000;
const endsInTime: Saying = async (link, trace) => {
  const since = Date.now();
  await link.end(settings.connectTimeout + CONNECT_LATE_MS).catch(() => {});
  const isEarly = Date.now() - since < settings.connectTimeout - CONNECT_LATE_MS;
  trace.push(link.ending === undefined ? "not closed by the time" : isEarly ? "closed early" : "closed in time");
};

const IN_ORDER = "packets are dealt with one after the other; what the reference does depends on whether they came together";

export const connects: Conversations = {
  a_link_that_joins_nothing: { says: [endsInTime], over: ["websocket"], outcome: same },
  a_link_whose_connect_was_refused: { says: ["40/nowhere,", endsInTime], over: ["websocket"], outcome: same },
  a_link_that_left_its_last_namespace: {
    says: [...joined, "41", endsInTime],
    over: ["websocket"],
    outcome: different("a link without a namespace is of no use; the reference keeps it for ever", {
      reference: ["not closed by the time", '40{"sid":"*"}', '42["auth",{}]', "open"],
      product: ["closed in time", '40{"sid":"*"}', '42["auth",{}]', "closed"],
    }),
  },
  a_connect_without_credentials: { says: ["40"], outcome: same },
  a_connect_with_credentials: { says: ['40{"token":"x","deep":{"a":[1,null,"ü"]}}'], outcome: same },
  a_connect_with_empty_credentials: { says: ["40{}"], outcome: same },
  credentials_that_are_text: { says: ['40"token"'], outcome: same },
  credentials_that_are_a_list: { says: ['40["token"]'], outcome: same },
  credentials_that_are_null: { says: ["40null"], outcome: same },
  credentials_that_are_a_number: { says: ["40/,7"], outcome: same },
  an_id_without_credentials: { says: ["407"], outcome: same },
  a_space_before_a_number_behind_a_connect: {
    says: ["40 7"],
    outcome: different("for the reference a space and a number are an id", {
      reference: ['40{"sid":"*"}', '42["auth",{}]', "open"],
      product: ["closed"],
    }),
  },
  credentials_that_are_true: { says: ["40true"], outcome: same },
  credentials_that_are_no_json: { says: ["40{token}"], outcome: same },
  credentials_with_garbage_behind: { says: ["40{}x"], outcome: same },
  a_connect_with_an_id: { says: ["4012{}"], outcome: same },
  the_root_by_its_name: { says: ["40/,"], outcome: same },
  the_root_by_its_name_without_a_comma: { says: ["40/"], outcome: same },
  another_namespace: { says: ["40/custom,"], outcome: same },
  another_namespace_without_a_comma: { says: ["40/custom"], outcome: same },
  another_namespace_with_credentials: { says: ['40/custom,{"token":"x"}'], outcome: same },
  credentials_without_a_comma_before_them: { says: ['40/custom{"token":"x"}'], outcome: same },
  an_unknown_namespace: { says: ["40/nowhere,"], outcome: same },
  an_unknown_namespace_leaves_the_others: { says: [...joined, "40/nowhere,", '42["message",1]'], outcome: same },
  a_namespace_with_a_query: { says: ["40/custom?token=x,"], outcome: same },
  a_namespace_of_other_letters: { says: ["40/ü€👋,"], outcome: same },
  a_namespace_with_quotes: { says: ['40/a"b\\c,'], outcome: same },
  a_namespace_with_two_slashes: { says: ["40//custom,"], outcome: same },
  a_namespace_with_a_slash_behind: { says: ["40/custom/,"], outcome: same },
  a_namespace_in_capitals: { says: ["40/CUSTOM,"], outcome: same },
  a_namespace_that_every_object_has: { says: ["40/__proto__,", "40/constructor,"], outcome: same },
  a_namespace_of_a_thousand_letters: { says: [`40/${"x".repeat(1000)},`], outcome: same },
  a_namespace_without_its_slash: { says: ["40custom,"], outcome: same },
  both_namespaces_on_one_link: { says: [...joinedBoth, '42["message",1]', '42/custom,["message",2]'], outcome: same },
  the_other_namespace_alone: { says: ["40/custom,", until('42/custom,["auth"'), '42/custom,["message",1]'], outcome: same },
  the_other_namespace_does_not_join_the_root: { says: ["40/custom,", until('42/custom,["auth"'), '42["message",1]'], outcome: same },
  a_second_connect: { says: [...joined, "40"], outcome: same },
  a_second_connect_ends_the_other_namespace_too: { says: [...joinedBoth, "40/custom,", '42["message",1]'], outcome: same },
  two_connects_at_once: {
    says: [together("40", "40")],
    over: ["polling"],
    outcome: different("a namespace is joined once; the reference notices a second CONNECT only when the first is through", {
      reference: ['40{"sid":"*"}', '42["auth",{}]', '40{"sid":"*"}', '42["auth",{}]', "open"],
      product: ['40{"sid":"*"}', '42["auth",{}]', "closed"],
    }),
  },
  an_event_before_the_connect_is_through: {
    says: [together("40", '42["message",1]')],
    over: ["polling"],
    outcome: different(IN_ORDER, { reference: ["closed"], product: ['40{"sid":"*"}', '42["auth",{}]', '42["message-back",1]', "open"] }),
  },
  a_disconnect_before_the_connect_is_through: {
    says: [together("40", "41")],
    over: ["polling"],
    outcome: different(IN_ORDER, { reference: ["closed"], product: ['40{"sid":"*"}', '42["auth",{}]', "open"] }),
  },
  an_event_without_a_connect: { says: ['42["message",1]'], outcome: same },
  an_event_for_an_unknown_namespace: { says: [...joined, '42/nowhere,["message",1]'], outcome: same },
  an_event_for_a_namespace_not_joined: { says: [...joined, '42/custom,["message",1]'], outcome: same },
  an_event_for_a_namespace_that_was_refused: { says: [...joined, "40/nowhere,", until("44"), '42/nowhere,["message",1]'], outcome: same },
  an_ack_without_a_connect: { says: ["431[]"], outcome: same },
  a_disconnect: { says: [...joined, "41"], outcome: same },
  a_disconnect_of_one_of_two: { says: [...joinedBoth, "41/custom,", '42["message",1]'], outcome: same },
  a_disconnect_without_a_comma: { says: [...joinedBoth, "41/custom", '42["message",1]'], outcome: same },
  a_disconnect_with_a_payload: { says: [...joined, "41{}"], outcome: same },
  a_disconnect_with_an_id: { says: [...joined, "417"], outcome: same },
  a_disconnect_without_a_connect: { says: ["41"], outcome: same },
  a_disconnect_of_a_namespace_not_joined: { says: [...joined, "41/custom,"], outcome: same },
  a_second_disconnect: { says: [...joined, "41", seen, "41"], outcome: same },
  an_event_after_the_disconnect: { says: [...joined, "41", seen, '42["message",1]'], outcome: same },
  a_connect_after_the_disconnect: {
    says: [...joined, "41", seen, '40{"again":true}', until('42["auth",{"again"'), '42["message",1]'],
    outcome: same,
  },
  an_event_and_a_disconnect: {
    says: [...joined, together('42["message",1]', "41")],
    over: ["polling"],
    outcome: differentOnceJoined(IN_ORDER, { reference: ["open"], product: ['42["message-back",1]', "open"] }),
  },
  two_disconnects_at_once: {
    says: [...joined, together("41", "41")],
    over: ["polling"],
    outcome: differentOnceJoined(IN_ORDER, { reference: ["open"], product: ["closed"] }),
  },
  a_disconnect_and_an_event: {
    says: [...joined, together("41", '42["message",1]')],
    over: ["polling"],
    outcome: differentOnceJoined(IN_ORDER, { reference: ["open"], product: ["closed"] }),
  },
  a_disconnect_and_a_connect: {
    says: [...joined, together("41", "40")],
    over: ["polling"],
    outcome: differentOnceJoined(IN_ORDER, { reference: ["closed"], product: ['40{"sid":"*"}', '42["auth",{}]', "open"] }),
  },
  an_event_and_a_close_packet: { says: [...joined, together('42["message",1]', "1")], over: ["polling"], outcome: same },
  an_event_and_the_end: { says: [...joined, together('42["message",1]', "41", "1")], over: ["polling"], outcome: same },
  a_connect_error_from_the_client: { says: [...joined, '44{"message":"no"}'], outcome: same },
  a_connect_error_before_the_connect: { says: ['44"no"'], outcome: same },
};
