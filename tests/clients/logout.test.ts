import assert from "node:assert/strict";
import { storiesOn } from "./story.ts";

const story = storiesOn({ over: ["websocket", "polling"] });

story("a_logout_through_the_api_ends_every_socket_of_that_session", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice");
  const bob = await scene.memberAt(acme, "dashboard", "Bob");
  const tabs = [bob, await scene.open(bob.login, "dm")];
  await alice.untilOnline(bob.userId);

  await bob.login.logOut();
  for (const tab of tabs) {
    assert.deepEqual(await tab.next("session:expired"), { reason: "revoked" });
    await tab.until("the end of the socket", () => tab.disconnects.length > 0);
    assert.deepEqual(tab.disconnects, ["io server disconnect"]);
    assert.equal(tab.socket.active, false, "the stock client stays away");
  }
  await alice.untilOffline(bob.userId);
  await scene.fence(alice);
  assert.deepEqual(alice.announcements(bob.userId).filter((kind) => kind !== "changed"), ["online", "offline"]);
});

story("a_session_that_has_ended_cannot_come_back", async (scene) => {
  const bob = await scene.memberAt(await scene.tenant(), "dm", "Bob");
  await bob.login.logOut();
  await bob.next("session:expired");
  await bob.until("the end of the socket", () => bob.disconnects.length > 0);
  const refused = new Promise<Error & { data?: { code: string } }>((resolve) => bob.socket.once("connect_error", resolve));
  bob.socket.connect();
  assert.equal((await refused).data?.code, "unauthorized");
});

story("another_login_of_the_same_user_goes_on", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice");
  const atWork = await scene.memberAt(acme, "dashboard", "Bob");
  const atHome = await scene.open(await scene.logIn(atWork.login.account), "dashboard");
  await alice.untilOnline(atWork.userId);

  await atWork.login.logOut();
  await atWork.next("session:expired");
  await scene.fence(alice);
  assert.ok(alice.online().has(atWork.userId));
  await alice.send(atWork.userId, "still there?");
  await atHome.next("message:new");
  assert.deepEqual(atHome.disconnects, []);
});
