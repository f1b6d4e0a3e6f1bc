import assert from "node:assert/strict";
import type { Login } from "./login.ts";
import { PollingLink } from "./polling-link.ts";
import { storiesOn } from "./story.ts";

const story = storiesOn({ alone: true });
const UNKNOWN_SID = '{"code":1,"message":"Session ID unknown"}';

/** Joins the tenant's namespace through one instance and reads the answers through another. */
async function join(link: PollingLink, through: string): Promise<void> {
  assert.equal((await link.post(through, '40/tenant,{"portal":"dm"}')).body, "ok");
  let seen = "";
  while (!seen.includes("session:ready")) seen += (await link.poll(through)).body;
  assert.match(seen, /^40\/tenant,/);
}

async function member(scene: Parameters<Parameters<typeof story>[1]>[0], name: string): Promise<Login> {
  return scene.logIn(await scene.member(await scene.tenant(), name));
}

story("a_connection_can_be_used_through_any_instance", async (scene) => {
  const [owner, other] = [scene.stack.gateway(0), scene.stack.gateway(1)];
  const link = await PollingLink.open(owner.url, await member(scene, "Alice"));
  await join(link, other.url);
  // Held at the other one, answered by what comes through the owner.
  const held = link.poll(other.url);
  assert.equal((await link.post(owner.url, '42/tenant,7["presence:list",{}]')).body, "ok");
  const answer = await held;
  assert.equal(answer.status, 200);
  assert.match(answer.headers["content-type"] as string, /^text\/plain/);
  assert.match(answer.body, /43\/tenant,7\[\{"ok":true/);
});

story("errors_and_cors_come_through_as_they_are", async (scene) => {
  const [owner, other] = [scene.stack.gateway(0), scene.stack.gateway(1)];
  const link = await PollingLink.open(owner.url, await member(scene, "Alice"));
  const stranger = await member(scene, "Stranger");
  const refused = await link.poll(other.url, { cookie: stranger.cookie });
  assert.deepEqual([refused.status, refused.body], [400, UNKNOWN_SID], "another session's cookie");
  const large = await link.post(other.url, `4${"x".repeat(70_000)}`, { origin: other.url });
  assert.equal(large.status, 413);
  assert.equal(large.headers["access-control-allow-origin"], other.url);
  assert.equal((await link.post(other.url, "9")).status, 400, "no packet");
  assert.deepEqual((await link.poll(owner.url)).body, UNKNOWN_SID, "it ended the connection");
});

story("a_poll_that_is_given_up_ends_the_connection_at_its_owner", async (scene) => {
  const [owner, other] = [scene.stack.gateway(0), scene.stack.gateway(1)];
  const link = await PollingLink.open(owner.url, await member(scene, "Alice"));
  await join(link, other.url);
  // A witness sees the user leave only after the grace; the sid itself is gone at once.
  await link.poll(other.url, { signal: AbortSignal.timeout(300) }).catch(() => undefined);
  const deadline = Date.now() + 2_000;
  let status = 200;
  while (status === 200 && Date.now() < deadline) {
    const answer = await link.poll(owner.url, { signal: AbortSignal.timeout(500) }).catch(() => undefined);
    status = answer?.status ?? 200;
  }
  assert.equal(status, 400);
});

story("a_stamp_that_no_peer_made_changes_nothing", async (scene) => {
  const [owner, other] = [scene.stack.gateway(0), scene.stack.gateway(1)];
  const link = await PollingLink.open(owner.url, await member(scene, "Alice"));
  const forged = { "x-realtime-peer": `${Date.now()},-,AAAA` };
  const answer = await link.post(other.url, '40/tenant,{"portal":"dm"}', forged);
  assert.deepEqual([answer.status, answer.body, answer.headers["x-realtime-answer"]], [200, "ok", undefined]);
});

story("junk_sids_are_unknown_everywhere", async (scene) => {
  const login = await member(scene, "Alice");
  const genuine = await PollingLink.open(scene.stack.gateway(0).url, login);
  for (const sid of ["x", `${genuine.sid}A`, genuine.sid.slice(0, -1), genuine.sid.replace(/^./, (first) => (first === "A" ? "B" : "A"))]) {
    const response = await fetch(`${scene.stack.gateway(1).url}/realtime/?EIO=4&transport=polling&sid=${sid}`);
    assert.deepEqual([response.status, await response.text()], [400, UNKNOWN_SID]);
  }
});

story("a_dead_owner_is_an_unknown_sid_at_once_and_a_silent_one_within_a_second", async (scene) => {
  const [owner, other] = [scene.stack.gateway(0), scene.stack.gateway(1)];
  const login = await member(scene, "Alice");
  const [refusing, silent] = [await PollingLink.open(owner.url, login), await PollingLink.open(owner.url, login)];
  // Once over the road, so that the address is known and nothing else is measured.
  assert.equal((await refusing.post(other.url, '40/tenant,{"portal":"dm"}')).status, 200);

  owner.freeze();
  const late = await silent.poll(other.url).finally(() => owner.thaw());
  assert.deepEqual([late.status, late.body], [400, UNKNOWN_SID]);
  assert.ok(late.tookMs < 1_000, `a silent owner: ${late.tookMs} ms`);

  await owner.kill("SIGKILL");
  const refused = await refusing.post(other.url, "3");
  assert.deepEqual([refused.status, refused.body], [400, UNKNOWN_SID]);
  assert.ok(refused.tookMs < 100, `a dead owner: ${refused.tookMs} ms`);
  await owner.restart();
});
