import assert from "node:assert/strict";
import { proxyWithoutWebSocket } from "../clients/no-websocket.ts";
import { browserStories, type BrowserScene } from "./browser-story.ts";
import type { Visit } from "./person.ts";

const story = browserStories({ REALTIME_PRESENCE_GRACE_MS: "2000", REALTIME_SESSION_RECHECK_SECS: "1" });

/** Bob, who cannot have a WebSocket, and Alice, who can. */
async function chat(scene: BrowserScene, visit: Visit) {
  const acme = await scene.tenant("Acme");
  const [alice, bob] = [await scene.member(acme, "Alice"), await scene.member(acme, "Bob")];
  const { page: atAlice } = await scene.logIn(alice);
  const { page: atBob, person } = await scene.logIn(bob, visit);
  await atAlice.untilOnline(bob.id);
  await atBob.untilOnline(alice.id);

  await atAlice.openConversation(bob.id);
  await atAlice.say("Hello Bob");
  await atBob.openConversation(alice.id);
  await atBob.untilHeard("Hello Bob");
  await atBob.say("Hello Alice");
  await atAlice.untilHeard("Hello Alice");
  assert.equal(await atAlice.polls(), 0);
  assert.ok((await atBob.polls()) > 2);
  return { alice, bob, atAlice, atBob, person };
}

async function chatToTheLogout(scene: BrowserScene, visit: Visit): Promise<void> {
  const { alice, bob, atAlice, atBob, person } = await chat(scene, visit);
  await atBob.reload();
  await atBob.openConversation(alice.id);
  await atBob.untilHeard("Hello Bob");
  const second = await person.open("/dm");
  await atBob.logOut();
  await second.untilToldToLogIn();
  await atAlice.untilOffline(bob.id);
}

story("a_browser_without_websockets_chats_over_polling", async (scene) => {
  await chatToTheLogout(scene, { initScript: "delete globalThis.WebSocket;" });
});

story("a_browser_whose_websockets_are_swallowed_chats_over_polling", async (scene) => {
  await chat(scene, { initScript: "globalThis.WebSocket = class { close() {} send() {} };" });
});

story("a_browser_behind_a_proxy_that_refuses_websockets_chats_over_polling", async (scene) => {
  const proxy = await proxyWithoutWebSocket(scene.stack.url);
  try {
    await chatToTheLogout(scene, { origin: proxy.url });
    assert.ok(proxy.refusedUpgrades > 0);
  } finally {
    proxy.close();
  }
});
