/** What happens to those who send too much, and that it happens to them alone. */
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { readFileSync } from "node:fs";
import { RawLink } from "../clients/raw-link.ts";
import type { Scene } from "../clients/scene.ts";
import { storiesOn } from "../clients/story.ts";
import type { Ack, Message } from "../clients/wire.ts";
import { waitUntil } from "../stack/wait-until.ts";
import { joined } from "./joined.ts";
import { OVER_BOTH } from "./quiet-budgets.ts";

/** Slow to fill up again, so that the machine's own pace does not matter. */
const BURST = { messages: 10, events: 20 };
const story = storiesOn({ over: OVER_BOTH, env: { REALTIME_RATE_MESSAGES: `2/${BURST.messages}`, REALTIME_RATE_EVENTS: `2/${BURST.events}` } });

type Spending = { event: string; burst: number; payload: (peer: string) => object };

const SPENDINGS = {
  messages: { event: "message:send", burst: BURST.messages, payload: (to) => ({ to, body: "hi", clientMessageId: crypto.randomUUID() }) },
  events: { event: "message:history", burst: BURST.events - 1, payload: (peer) => ({ with: peer }) },
  // Clients send these unasked, so they have ten times the budget of events.
  "delivered marks": { event: "message:delivered", burst: 10 * BURST.events, payload: (peer) => ({ with: peer, upToSeq: 0 }) },
} satisfies Record<string, Spending>;

async function people(scene: Scene) {
  const acme = await scene.tenant();
  const [alice, bob] = [await scene.logIn(await scene.member(acme)), await scene.logIn(await scene.member(acme))];
  const [here, elsewhere] = scene.stack.gateways.map(({ url }) => url) as [string, string];
  return { alice, bob, here, elsewhere };
}

function frameOf({ event, payload }: Spending, peer: string, id: number | string = ""): string {
  return `42/tenant,${id}${JSON.stringify([event, payload(peer)])}`;
}

/** As fast as they go; where there are requests, in several, so that answers get through in between. */
function sendAll(scene: Scene, link: RawLink, frames: string[]): void {
  const atOnce = scene.transport === "polling" ? 20 : 1;
  for (let at = 0; at < frames.length; at += atOnce) link.send(frames.slice(at, at + atOnce).join("\x1e"));
}

const ends = (link: RawLink) => link.frame("nothing begins so");

for (const [what, spending] of Object.entries(SPENDINGS)) {
  story(`whoever_spends_too_many_${what.replaceAll(" ", "_")}_is_told_when_to_come_again`, async (scene) => {
    const { alice, bob, here, elsewhere } = await people(scene);
    const link = await joined(alice, "dashboard", scene.transport, here);
    const neighbour = await joined(bob, "dm", scene.transport, here);
    const ask = () => link.emit<unknown>("/tenant", spending.event, spending.payload(bob.userId));
    const burst = await Promise.all(Array.from({ length: spending.burst }, ask));
    assert.ok(burst.every(({ ok }) => ok), "the whole burst goes through");
    // What refills meanwhile goes through too.
    let answer: Ack<unknown> = await ask();
    let spent = spending.burst + 1;
    while (answer.ok && spent < 5 * spending.burst) {
      answer = await ask();
      spent += 1;
    }
    assert.ok(!answer.ok && answer.error.code === "rate_limited", `${JSON.stringify(answer)} after ${spent}`);
    const { retryAfterMs } = answer.error;
    assert.ok(retryAfterMs !== undefined && retryAfterMs >= 1 && retryAfterMs <= 501, `retryAfterMs: ${retryAfterMs}`);

    // Neither the neighbour here nor the same user at another gateway has to wait.
    const other = await joined(alice, "dashboard", scene.transport, elsewhere);
    assert.ok((await neighbour.emit("/tenant", spending.event, spending.payload(alice.userId))).ok);
    assert.ok((await other.emit("/tenant", spending.event, spending.payload(bob.userId))).ok);
    await pause(retryAfterMs);
    const again = await ask();
    assert.ok(again.ok, `after waiting ${retryAfterMs} ms: ${JSON.stringify(again)}`);
    for (const open of [link, neighbour, other]) open.close();
  });
}

for (const what of ["messages", "events"] as const) {
  story(`whoever_goes_on_at_ten_times_the_budget_of_${what}_is_cut_and_nobody_else`, async (scene) => {
    const { alice, bob, here, elsewhere } = await people(scene);
    const spending = SPENDINGS[what];
    const neighbour = await joined(bob, "dm", scene.transport, here);
    const secondTab = await joined(alice, "dm", scene.transport, here);
    const other = await joined(alice, "dashboard", scene.transport, elsewhere);
    const link = await joined(alice, "dashboard", scene.transport, here);
    sendAll(scene, link, Array.from({ length: 30 * BURST[what] }, (_, id) => frameOf(spending, bob.userId, id + 1)));
    await ends(link);
    const answered = link.frames.filter((frame) => frame.startsWith("43"));
    assert.ok(answered.some((frame) => frame.includes('"rate_limited"')), "it was told before");
    assert.ok(answered.length <= 20 * BURST[what], `${answered.length} were answered`);
    if (scene.transport === "websocket") assert.equal(link.closedBy, "1005", "without a code, as all that the server ends");
    const log = scene.stack.gateway(0).logFile;
    await waitUntil("the reason in the log", async () =>
      readFileSync(log, "utf8").split("\n").some((line) => line.includes(alice.userId) && line.includes('"reason":"flooding"')));

    const greeting = await neighbour.emit<Message>("/tenant", "message:send", { to: alice.userId, body: "are you there?", clientMessageId: "there" });
    assert.ok(greeting.ok);
    for (const tab of [secondTab, other]) {
      assert.ok(await tab.frame(`42/tenant,["message:new",{"id":"${greeting.data.id}"`), "the user's other links live on, and hear");
      assert.equal(tab.isClosed, false);
    }
    assert.ok((await other.emit("/tenant", spending.event, spending.payload(bob.userId))).ok);
    for (const open of [neighbour, secondTab, other]) open.close();
  });
}
