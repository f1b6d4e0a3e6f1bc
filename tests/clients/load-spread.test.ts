import assert from "node:assert/strict";
import { storiesOn } from "./story.ts";
import type { OnlineUser } from "./wire.ts";

const AGE_SECS = 4;
const ACCEPT_BURST = 10;

const story = storiesOn({
  gateways: 1,
  alone: true,
  env: { REALTIME_MAX_CONNECTION_AGE_SECS: String(AGE_SECS), REALTIME_ACCEPT_RATE: `5/${ACCEPT_BURST}` },
});

story("a_herd_is_let_in_at_the_accept_rate_and_everybody_gets_in", async (scene) => {
  const acme = await scene.tenant();
  const { url } = scene.stack.gateway(0);
  const answers = await Promise.all(
    Array.from({ length: ACCEPT_BURST * 3 }, () => fetch(`${url}/realtime/?EIO=4&transport=polling`)),
  );
  const refused = answers.filter(({ status }) => status === 503);
  assert.ok(refused.length >= ACCEPT_BURST, `${refused.length} of ${answers.length} were sent away`);
  assert.ok(answers.every(({ status }) => status === 503 || status === 200));
  assert.ok(refused.every(({ headers }) => Number(headers.get("retry-after")) > 0), "they are told when to come again");

  // The stock client comes again by itself.
  const logins = await Promise.all(Array.from({ length: ACCEPT_BURST }, async () => scene.logIn(await scene.member(acme))));
  const ids = new Set(logins.map(({ userId }) => userId));
  const tabs = await Promise.all(logins.map((login) => scene.open(login, "dm", { insists: true })));
  const first = tabs[0]!;
  await first.until("everybody", () => [...ids].every((id) => first.online().has(id)));
});

story("a_connection_that_has_lived_long_enough_is_renewed_and_nobody_notices", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dm", "Alice", { insists: true });
  const bob = await scene.memberAt(acme, "dashboard", "Bob", { insists: true });
  await alice.untilOnline(bob.userId);
  const since = alice.received.length;
  const joinedAt = Date.now();
  await bob.until("the end of the connection", () => bob.disconnects.length === 1);
  const livedMs = Date.now() - joinedAt;
  assert.ok(livedMs < AGE_SECS * 1_100 + 1_000, `it lived ${livedMs} ms more`);
  assert.equal(bob.disconnects[0], "transport close", "without 41, so that the client comes back by itself");
  await bob.until("its return", () => bob.payloads("session:ready").length === 2);
  await alice.until("its own renewal", () => alice.payloads("session:ready").length >= 2);
  assert.deepEqual(alice.announcements(bob.userId, since), []);
  const { users } = await alice.ask<{ users: OnlineUser[] }>("presence:list");
  assert.ok(users.some(({ id }) => id === bob.userId));
});
