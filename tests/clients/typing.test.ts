import assert from "node:assert/strict";
import type { TypingNotice } from "@realtime/protocol";
import { storiesOn } from "./story.ts";

const story = storiesOn();

story("typing_reaches_every_socket_of_the_peer_once_a_second", async (scene) => {
  const acme = await scene.tenant();
  const [first, second] = scene.stack.gateways.map(({ url }) => ({ url }));
  const alice = await scene.memberAt(acme, "dashboard", "Alice", first);
  const bob = await scene.memberAt(acme, "dm", "Bob", second);
  const bobsDashboard = await scene.open(bob.login, "dashboard", first);
  const carol = await scene.memberAt(acme, "dm", "Carol", second);
  await alice.untilOnline(bob.userId);

  for (let n = 0; n < 5; n += 1) assert.deepEqual(await alice.ask("typing", { to: bob.userId, typing: true }), {});
  // Volatile: what finds something waiting for a socket is dropped.
  for (const tab of [bob, bobsDashboard]) await tab.next<TypingNotice>("typing", ({ typing }) => typing);
  assert.deepEqual(await alice.ask("typing", { to: bob.userId, typing: false }), {});
  for (const tab of [bob, bobsDashboard]) {
    await tab.next<TypingNotice>("typing", ({ typing }) => !typing);
    assert.deepEqual(tab.payloads("typing"), [
      { from: alice.userId, typing: true },
      { from: alice.userId, typing: false },
    ]);
  }
  await scene.fence(carol);
  for (const tab of [alice, carol]) assert.deepEqual(tab.payloads("typing"), []);
});

story("typing_to_somebody_out_of_reach_is_refused_like_typing_to_nobody", async (scene) => {
  const alice = await scene.memberAt(await scene.tenant(), "dashboard", "Alice");
  const stranger = await scene.memberAt(await scene.tenant(), "dm", "Stranger");
  const staff = await scene.staffAt("Mia");
  const unknown = await alice.refusal("typing", { to: "u_nobody", typing: true });
  assert.equal(unknown.code, "recipient_not_found");
  for (const tab of [stranger, staff]) assert.deepEqual(await alice.refusal("typing", { to: tab.userId, typing: true }), unknown);
  assert.equal((await alice.refusal("typing", { to: alice.userId, typing: true })).code, "invalid_payload");
  assert.match((await alice.refusal("typing", { to: stranger.userId, typing: "yes" })).message, /typing/);

  // Staff who wrote may be answered, and see that an answer is being written.
  await staff.send(alice.userId, "Hello");
  await alice.ask("typing", { to: staff.userId, typing: true });
  await staff.next<TypingNotice>("typing", ({ from }) => from === alice.userId);
  assert.deepEqual(stranger.payloads("typing"), []);
});
