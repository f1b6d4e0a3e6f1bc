/** Frames that no client library sends: what is answered, what ends the link, and that nobody else is hurt. */
import assert from "node:assert/strict";
import type { Login } from "../clients/login.ts";
import { RawLink } from "../clients/raw-link.ts";
import type { Scene } from "../clients/scene.ts";
import { storiesOn } from "../clients/story.ts";
import { rawFrames, type Outcome, type RawCase } from "./raw-frames.ts";
import { joined } from "./joined.ts";
import { NOBODY_IS_LIMITED, OVER_BOTH } from "./quiet-budgets.ts";
import { storedRows } from "./stored-rows.ts";

const story = storiesOn({ over: OVER_BOTH, env: NOBODY_IS_LIMITED });

async function isAlive(link: RawLink): Promise<boolean> {
  return link.emit("/tenant", "presence:list", { limit: 1 }).then(({ ok }) => ok, () => false);
}

async function until(link: RawLink, start: string, from: number): Promise<string> {
  return (await link.frame(start, from)) ?? `closed: ${link.closedBy}`;
}

async function assertOutcome(link: RawLink, from: number, outcome: Outcome): Promise<void> {
  if (outcome === "closes") {
    assert.equal(await link.frame("43/tenant,", from), undefined, `was answered`);
    return;
  }
  if (outcome !== "is passed over") {
    const answer = await until(link, outcome.starts, from);
    const shown = `→ ${answer.slice(0, 300)}`;
    for (const part of outcome.holds ?? []) assert.ok(answer.includes(part), shown);
    for (const part of outcome.lacks ?? []) assert.ok(!answer.includes(part), shown);
    assert.ok(answer.length < 1_000, `${shown}: what a client sent comes back at any length`);
  }
  assert.ok(await isAlive(link), `the link was closed: ${link.closedBy}`);
}

async function attempt(link: RawLink, { frames, outcome, joins }: RawCase): Promise<void> {
  const from = link.frames.length;
  for (const frame of frames) link.send(frame);
  if (joins === false && typeof outcome === "object") {
    await until(link, outcome.starts, from);
    // Refused, and not ended: it may still join.
    link.send('40/tenant,{"portal":"dm"}');
    await until(link, "40/tenant,", from);
  }
  await assertOutcome(link, from, outcome);
}

async function open(scene: Scene, login: Login, { joins = true }: RawCase): Promise<RawLink> {
  const { url } = scene.stack.gateway(0);
  return joins ? joined(login, "dashboard", scene.transport, url) : RawLink.open(login, scene.transport, url);
}

story("frames_that_no_client_sends_are_answered_or_end_their_own_link_alone", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.logIn(await scene.member(acme, "Alice"));
  const bob = await scene.logIn(await scene.member(acme, "Bob"));
  const witness = await joined(bob, "dm", scene.transport, scene.stack.gateway(0).url);
  const faults: string[] = [];
  const { url } = scene.stack.gateway(0);
  let kept = await joined(alice, "dashboard", scene.transport, url);
  const before = await storedRows(scene);
  for (const raw of rawFrames({ me: alice.userId, peer: bob.userId, tenant: acme })) {
    const stays = raw.outcome !== "closes" && raw.joins !== false;
    const link = stays && !kept.isClosed ? kept : await open(scene, alice, raw);
    if (stays) kept = link;
    await attempt(link, raw).catch((error: Error) => faults.push(`${raw.what}: ${error.message}`.slice(0, 500)));
    if (!(await isAlive(witness))) faults.push(`${raw.what}: somebody else was hurt`);
    if (!stays) link.close();
  }
  assert.deepEqual(faults, []);
  kept.close();
  const touched = witness.frames.filter((frame) => /^42\/tenant,\["(message|typing)/.test(frame));
  assert.deepEqual(touched, [], "nothing of all that was a message");
  assert.equal(await storedRows(scene), before);
  witness.close();
});
