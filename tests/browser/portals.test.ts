import assert from "node:assert/strict";
import { browserStories } from "./browser-story.ts";

const story = browserStories({
  REALTIME_PRESENCE_GRACE_MS: "2000",
  REALTIME_PRESENCE_LEASE_MS: "6000",
  REALTIME_PRESENCE_HEARTBEAT_MS: "1000",
  REALTIME_SESSION_RECHECK_SECS: "1",
});

story("two_users_in_two_portals_see_each_other_and_chat_both_ways", async (scene) => {
  const acme = await scene.tenant("Acme");
  const [alice, bob] = [await scene.member(acme, "Alice"), await scene.member(acme, "Bob")];
  const { page: atAlice } = await scene.logIn(alice);
  const { person: bobHimself, page: dashboard } = await scene.logIn(bob);
  const atBob = await bobHimself.open("/dm");
  await dashboard.close();
  await atAlice.untilOnline(bob.id);
  await atBob.untilOnline(alice.id);

  await atAlice.openConversation(bob.id);
  await atAlice.say("Hello Bob, <b>not bold</b> 👋");
  await atBob.openConversation(alice.id);
  await atBob.untilHeard("Hello Bob, <b>not bold</b> 👋");
  await atBob.say("Hello Alice");
  await atAlice.untilHeard("Hello Alice");

  const conversation = ["Hello Bob, <b>not bold</b> 👋", "Hello Alice"];
  assert.deepEqual(await atAlice.messages(), conversation);
  assert.deepEqual(await atBob.messages(), conversation);

  await atAlice.reload();
  await atAlice.openConversation(bob.id);
  await atAlice.untilHeard("Hello Alice");
  assert.deepEqual(await atAlice.messages(), conversation);
  assert.ok(await atBob.isOnline(alice.id));
});

story("closing_the_tab_makes_a_user_offline_after_the_grace", async (scene) => {
  const acme = await scene.tenant("Acme");
  const [alice, bob] = [await scene.member(acme, "Alice"), await scene.member(acme, "Bob")];
  const { page: atAlice } = await scene.logIn(alice);
  const { page: atBob } = await scene.logIn(bob);
  await atAlice.untilOnline(bob.id);
  const closedAt = Date.now();
  await atBob.close();
  await atAlice.untilOffline(bob.id);
  const tookMs = Date.now() - closedAt;
  assert.ok(tookMs > 1_500 && tookMs < 10_000, `offline after ${tookMs} ms, the grace is 2000 ms`);
});

story("a_message_to_somebody_offline_is_there_at_the_next_login", async (scene) => {
  const acme = await scene.tenant("Acme");
  const [alice, bob] = [await scene.member(acme, "Alice"), await scene.member(acme, "Bob")];
  const { page: atAlice } = await scene.logIn(alice);
  const { page: atBob, person: bobHimself } = await scene.logIn(bob);
  await atAlice.untilOnline(bob.id);
  await atBob.logOut();
  await bobHimself.context.close();
  await atAlice.untilOffline(bob.id);

  await atAlice.openConversation(bob.id);
  await atAlice.say("for when you are back");
  const { page: again } = await scene.logIn(bob);
  await again.openConversation(alice.id);
  await again.untilHeard("for when you are back");
  await atAlice.untilOnline(bob.id);
});

story("staff_chat_with_users_of_both_tenants_and_notify_them", async (scene) => {
  const [acme, globex] = [await scene.tenant("Acme"), await scene.tenant("Globex")];
  const [alice, carol, mia] = [await scene.member(acme, "Alice"), await scene.member(globex, "Carol"), await scene.staff("Mia")];
  const { page: atAlice } = await scene.logIn(alice);
  const { page: atCarol } = await scene.logIn(carol);
  const { page: atMia } = await scene.logIn(mia);
  for (const [member, page] of [[alice, atAlice], [carol, atCarol]] as const) {
    await atMia.untilOnline(member.id);
    await atMia.openConversation(member.id);
    await atMia.say(`Hello ${member.name}`);
    await page.openConversation(mia.id);
    await page.untilHeard(`Hello ${member.name}`);
    await page.say(`${member.name} here`);
    await atMia.untilHeard(`${member.name} here`);
  }
  assert.equal(await atAlice.isOnline(carol.id), false);
  assert.equal(await atAlice.isOnline(mia.id), false);

  await atMia.openConversation(carol.id);
  await atMia.closePanel();
  await atMia.page.getByTestId("notify-text").fill("Your mailing is printed");
  await atMia.page.getByTestId("notify-send").click();
  await atCarol.untilToast("Your mailing is printed");
});

story("logging_out_in_one_tab_ends_the_other_and_makes_the_user_offline", async (scene) => {
  const acme = await scene.tenant("Acme");
  const [alice, bob] = [await scene.member(acme, "Alice"), await scene.member(acme, "Bob")];
  const { page: atAlice } = await scene.logIn(alice);
  const { person: bobHimself, page: dashboard } = await scene.logIn(bob);
  const dm = await bobHimself.open("/dm");
  await atAlice.untilOnline(bob.id);
  await dashboard.logOut();
  await dm.untilToldToLogIn();
  await atAlice.untilOffline(bob.id);
});

story("who_logs_in_again_in_one_tab_is_back_in_the_other_when_it_is_looked_at", async (scene) => {
  const acme = await scene.tenant("Acme");
  const [alice, bob] = [await scene.member(acme, "Alice"), await scene.member(acme, "Bob")];
  const { page: atAlice } = await scene.logIn(alice);
  const { person: bobHimself, page: dashboard } = await scene.logIn(bob);
  const dm = await bobHimself.open("/dm");
  await dm.openConversation(alice.id);
  await dashboard.logOut();
  await dm.untilToldToLogIn();
  await dashboard.logIn(bob);
  await atAlice.openConversation(bob.id);
  await atAlice.say("welcome back");
  await dm.page.evaluate(() => window.dispatchEvent(new Event("focus")));
  await dm.untilConnected();
  await dm.untilHeard("welcome back");
});

story("a_gateway_that_is_killed_under_an_open_conversation_loses_and_doubles_nothing", async (scene) => {
  const acme = await scene.tenant("Acme");
  const [alice, bob] = [await scene.member(acme, "Alice"), await scene.member(acme, "Bob")];
  const { page: atAlice } = await scene.logIn(alice);
  const { page: atBob } = await scene.logIn(bob);
  await atAlice.untilOnline(bob.id);
  await atAlice.openConversation(bob.id);
  await atBob.openConversation(alice.id);
  await atAlice.say("before");
  await atBob.untilHeard("before");
  // Each in turn, so that it hits both whichever they are on.
  for (const gateway of scene.stack.gateways) {
    await gateway.kill("SIGKILL");
    await atAlice.say(`while ${gateway.name} is dead`);
    await atBob.untilHeard(`while ${gateway.name} is dead`);
    await gateway.restart();
  }
  const all = ["before", ...scene.stack.gateways.map(({ name }) => `while ${name} is dead`)];
  assert.deepEqual(await atAlice.messages(), all);
  assert.deepEqual(await atBob.messages(), all);
});

story("the_panel_loads_under_a_strict_policy_and_is_usable_within_seconds", async (scene) => {
  const acme = await scene.tenant("Acme");
  const { page } = await scene.logIn(await scene.member(acme, "Alice"));
  const response = await page.page.request.get(`${scene.stack.url}/realtime/panel.js`);
  assert.equal(response.headers()["content-type"], "text/javascript; charset=utf-8");
  assert.equal(response.headers()["content-encoding"], "gzip");
  await page.reload();
  const usableMs = await page.page.evaluate(() => performance.now());
  assert.ok(usableMs < 5_000, `usable after ${usableMs} ms`);
});
