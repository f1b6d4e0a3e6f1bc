/** What is sent is what is stored and delivered, to the byte; lengths are counted as the event catalogue says. */
import assert from "node:assert/strict";
import type { RawLink } from "../clients/raw-link.ts";
import type { Scene } from "../clients/scene.ts";
import { storiesOn } from "../clients/story.ts";
import type { Ack, History, Message } from "../clients/wire.ts";
import { joined } from "./joined.ts";
import { NOBODY_IS_LIMITED, OVER_BOTH } from "./quiet-budgets.ts";
import { BLANK, BODY_MAX, filled, HALVES, KEPT, scalars, UNITS } from "./texts.ts";

const story = storiesOn({ over: OVER_BOTH, env: NOBODY_IS_LIMITED });

type Pair = { scene: Scene; alice: RawLink; bob: RawLink; bobId: string };

async function pair(scene: Scene): Promise<Pair> {
  const acme = await scene.tenant();
  const [alice, bob] = [await scene.logIn(await scene.member(acme)), await scene.logIn(await scene.member(acme))];
  const [first, second] = scene.stack.gateways;
  const links = [await joined(alice, "dashboard", scene.transport, first!.url), await joined(bob, "dm", scene.transport, second!.url)] as const;
  return { scene, alice: links[0], bob: links[1], bobId: bob.userId };
}

/** Sends a body given as JSON text, as a client that escapes in its own way would. */
async function send({ alice, bobId }: Pair, json: string): Promise<Ack<Message>> {
  const array = `["message:send",{"to":"${bobId}","body":${json},"clientMessageId":"${crypto.randomUUID()}"}]`;
  return (JSON.parse(await alice.answer("/tenant", array)) as [Ack<Message>])[0];
}

const STORED = `SELECT encode(convert_to(body, 'UTF8'), 'hex') AS hex, char_length(body) AS length FROM realtime."ChatMessage" WHERE id = $1`;
const hex = (text: string) => Buffer.from(text).toString("hex");

/** Answered, delivered, stored and read back, all the same. */
async function assertKept(people: Pair, json: string, body: string, what: string): Promise<void> {
  const { scene, bob, alice, bobId } = people;
  const from = bob.frames.length;
  const answer = await send(people, json);
  assert.ok(answer.ok, `${what}: ${JSON.stringify(answer).slice(0, 200)}`);
  assert.equal(hex(answer.data.body), hex(body), what);
  const start = '42/tenant,["message:new",';
  const frame = await bob.frame(`${start}{"id":"${answer.data.id}"`, from);
  assert.deepEqual(JSON.parse(frame!.slice(start.length, -1)), answer.data, what);
  const [row] = await scene.rows<{ hex: string; length: number }>(STORED, [answer.data.id]);
  assert.deepEqual(row, { hex: hex(body), length: scalars(body) }, what);
  const history = await alice.emit<History>("/tenant", "message:history", { with: bobId, limit: 1 });
  assert.deepEqual(history.ok && history.data.messages, [answer.data], what);
}

async function assertRefused(people: Pair, json: string, code: string, what: string): Promise<void> {
  const answer = await send(people, json);
  assert.ok(!answer.ok && answer.error.code === code, `${what}: ${JSON.stringify(answer).slice(0, 200)}`);
  assert.match(answer.error.message, /^body\b/, what);
}

/** Every character as an escape, as an old library writes it. */
function escaped(text: string): string {
  return `"${Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, "0")}`).join("")}"`;
}

story("a_body_at_the_limit_is_kept_to_the_byte_and_one_above_it_is_refused", async (scene) => {
  const people = await pair(scene);
  for (const [what, unit] of Object.entries(UNITS)) {
    const body = filled(unit, BODY_MAX);
    await assertKept(people, JSON.stringify(body), body, what);
    await assertRefused(people, JSON.stringify(`${body}x`), "body_too_long", what);
  }
  // Twelve bytes a character on the wire, and one character all the same.
  const waves = filled("👋", BODY_MAX);
  await assertKept(people, escaped(waves), waves, "escapes at the limit");
  await assertKept(people, `"${"a".repeat(BODY_MAX - 1)}\\ud800"`, `${"a".repeat(BODY_MAX - 1)}\ufffd`, "half a character at the limit");
  await assertRefused(people, `"${"a".repeat(BODY_MAX)}\\ud800"`, "body_too_long", "half a character above it");
  await assertRefused(people, JSON.stringify(" ".repeat(BODY_MAX + 1)), "body_too_long", "blank and too long");
  people.alice.close();
  people.bob.close();
});

story("odd_characters_are_kept_and_blank_bodies_refused", async (scene) => {
  const people = await pair(scene);
  for (const body of KEPT) {
    await assertKept(people, JSON.stringify(body), body, JSON.stringify(body));
    await assertKept(people, escaped(body), body, escaped(body));
  }
  for (const [json, body] of Object.entries(HALVES)) await assertKept(people, json, body, json);
  for (const body of BLANK) await assertRefused(people, JSON.stringify(body), "invalid_payload", JSON.stringify(body));
  for (const json of ['"\\u0000"', '"a\\u0000b"', '" \\u0000 "']) await assertRefused(people, json, "invalid_payload", json);
  assert.equal(people.alice.isClosed || people.bob.isClosed, false);
  people.alice.close();
  people.bob.close();
});

story("the_other_texts_are_measured_too", async (scene) => {
  const { alice, bob, bobId } = await pair(scene);
  const search = (query: string) => ["user:search", { query }] as const;
  const sent = (clientMessageId: string) => ["message:send", { to: bobId, body: "hi", clientMessageId }] as const;
  const cases = [
    [search("👋".repeat(200)), undefined],
    [search("👋".repeat(201)), "query"],
    [search("a\u0000"), "query"],
    [search("%_\\'"), undefined],
    [sent("~!".repeat(32)), undefined],
    [sent("~!".repeat(32) + "x"), "clientMessageId"],
    [sent("é"), "clientMessageId"],
    [sent("a\u0000"), "clientMessageId"],
    [sent("\u007f"), "clientMessageId"],
  ] as const;
  for (const [[event, payload], field] of cases) {
    const answer = await alice.emit("/tenant", event, payload);
    const shown = `${event} ${JSON.stringify(payload).slice(0, 100)} → ${JSON.stringify(answer).slice(0, 200)}`;
    assert.equal(answer.ok, field === undefined, shown);
    if (!answer.ok) assert.ok(answer.error.code === "invalid_payload" && answer.error.message.startsWith(`${field}: `), shown);
  }
  alice.close();
  bob.close();
});
