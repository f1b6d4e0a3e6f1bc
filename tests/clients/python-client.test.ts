import assert from "node:assert/strict";
import { PythonUser } from "./python-user.ts";
import type { Scene } from "./scene.ts";
import { storiesOn } from "./story.ts";
import type { Message, OnlineUser, SessionReady, Snapshot } from "./wire.ts";

const story = storiesOn({ over: ["websocket", "polling", "upgrade"] });

const TRANSPORTS = { websocket: ["websocket"], polling: ["polling"], upgrade: ["polling", "websocket"] };

async function withPython(scene: Scene, tenantId: string, tell: (user: PythonUser) => Promise<void>): Promise<void> {
  const user = PythonUser.start(await scene.logIn(await scene.member(tenantId, "Monty")), "dm", TRANSPORTS[scene.transport]);
  try {
    await tell(user);
  } finally {
    user.kill();
  }
}

story("python_and_javascript_see_each_other_and_chat_both_ways", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice");
  await withPython(scene, acme, async (monty) => {
    const { self, portal } = await monty.next<SessionReady>("session:ready");
    assert.deepEqual([self.id, self.name, portal], [monty.login.userId, "Monty", "dm"]);
    const { users } = await monty.next<Snapshot>("presence:snapshot");
    assert.deepEqual(users.map(({ id }) => id).sort(), [alice.userId, self.id].sort());
    await alice.untilOnline(self.id);

    const body = "Ünïcode 👋 from Python";
    const ack = await monty.ack<Message>("message:send", { to: alice.userId, body, clientMessageId: crypto.randomUUID() });
    assert.ok(ack.ok && ack.data.body === body, JSON.stringify(ack));
    assert.deepEqual(await alice.next<Message>("message:new"), ack.data);
    const answer = await alice.send(self.id, "and back 👋");
    assert.deepEqual(await monty.next<Message>("message:new"), answer);

    const refused = await monty.ack("message:send", { to: alice.userId, body: "", clientMessageId: "x" });
    assert.ok(!refused.ok && refused.error.code === "invalid_payload");
    const list = await monty.ack<{ users: OnlineUser[] }>("presence:list", {});
    assert.ok(list.ok && list.data.users.length === 2);
    // An upgrade is refused where it reaches the wrong instance.
    if (scene.transport !== "upgrade") assert.equal(monty.transport, scene.transport);

    monty.leave();
    await alice.untilOffline(self.id);
  });
});

story("python_is_told_when_its_session_ends", async (scene) => {
  await withPython(scene, await scene.tenant(), async (monty) => {
    await monty.next("presence:snapshot");
    await monty.login.logOut();
    assert.deepEqual(await monty.next("session:expired"), { reason: "revoked" });
    await monty.until("the end of the socket", ({ link }) => link === "disconnected");
  });
});

story("python_is_refused_without_a_session", async (scene) => {
  const login = await scene.logIn(await scene.member(await scene.tenant()));
  await login.logOut();
  const stranger = PythonUser.start(login, "dm", TRANSPORTS[scene.transport]);
  try {
    const { error } = await stranger.until("the refusal", ({ link }) => link === "refused");
    assert.equal((error as { data: { code: string } }).data.code, "unauthorized");
    await stranger.until("the end", ({ link }) => link === "failed");
  } finally {
    stranger.kill();
  }
});
