/** What the logs of two gateways tell of one message, at level debug, and what they never tell. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { waitUntil } from "../stack/wait-until.ts";
import type { Scene } from "./scene.ts";
import { storiesOn } from "./story.ts";

const story = storiesOn({ env: { REALTIME_LOG: "debug,gateway=trace", REALTIME_LOG_FORMAT: "json" } });

type Line = Record<string, string | number | boolean | undefined> & { message: string };

function lines(scene: Scene, gateway: number): Line[] {
  const text = readFileSync(scene.stack.gateway(gateway).logFile, "utf8");
  return text.trim().split("\n").map((line) => JSON.parse(line) as Line);
}

async function line(scene: Scene, gateway: number, fields: Record<string, unknown>): Promise<Line> {
  const fits = (candidate: Line) => Object.entries(fields).every(([name, value]) => candidate[name] === value);
  return waitUntil(`a line with ${JSON.stringify(fields)}`, async () => lines(scene, gateway).find(fits));
}

story("a_message_can_be_followed_from_its_frame_to_its_commit_and_its_delivery_elsewhere", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice", { url: scene.stack.gateway(0).url });
  const bob = await scene.memberAt(acme, "dm", "Bob", { url: scene.stack.gateway(1).url });
  const { id } = await alice.send(bob.userId, "between the two of us");
  await bob.next("message:new");

  const acknowledged = await line(scene, 0, { message: "message acknowledged", "message.id": id });
  const request = String(acknowledged["request.id"]);
  const joined = await line(scene, 0, { message: "socket joined", "user.id": alice.userId });
  assert.match(request, new RegExp(`^${String(joined["connection.id"])}-[0-9]+$`));
  const answered = await line(scene, 0, { message: "event answered", "request.id": request });
  assert.deepEqual([answered.event, answered.outcome, answered["user.id"]], ["message:send", "ok", alice.userId]);
  assert.equal((await line(scene, 0, { message: "message committed", "message.id": id })).seq, 1);
  assert.equal((await line(scene, 1, { message: "frame handed to sockets", "message.id": id })).sockets, 1);
});

story("no_secret_and_no_word_of_a_message_is_in_a_log_even_at_its_most_talkative", async (scene) => {
  const acme = await scene.tenant();
  const words = "a word that nobody else may read";
  const alice = await scene.memberAt(acme, "dashboard", "Alice", { transports: ["polling"] });
  const bob = await scene.memberAt(acme, "dm", "Bob");
  await alice.send(bob.userId, words);
  await bob.next("message:new");
  await alice.refusal("message:send", { to: bob.userId, body: { words }, clientMessageId: crypto.randomUUID() });
  await alice.refusal(`message:${words}`, words);
  await alice.ask("user:search", { query: words });
  alice.close();
  await waitUntil("the gateways to have logged it", async () => [0, 1].some((gateway) => lines(scene, gateway).some((entry) => entry.message === "socket left" && entry["user.id"] === alice.userId)));

  const text = [0, 1].map((gateway) => readFileSync(scene.stack.gateway(gateway).logFile, "utf8")).join("");
  const secrets = [words, ...[alice, bob].flatMap((tab) => secretsOf(tab.login.cookie))];
  for (const secret of secrets) assert.ok(!text.includes(secret), `${secret} is in a log`);
});

/** A cookie's value, as it is sent and decoded, and the session id in it. */
function secretsOf(cookie: string): string[] {
  const value = cookie.slice(cookie.indexOf("=") + 1).split(";")[0] ?? "";
  const decoded = decodeURIComponent(value);
  return [value, decoded, decoded.slice(0, decoded.lastIndexOf(".")), decoded.slice(decoded.lastIndexOf(".") + 1)];
}
