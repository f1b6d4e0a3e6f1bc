import assert from "node:assert/strict";
import { storiesOn } from "./story.ts";
import type { History } from "./wire.ts";

const story = storiesOn();

story("the_api_reads_through_prisma_what_the_gateway_answers", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.memberAt(acme, "dashboard", "Alice");
  const bob = await scene.memberAt(acme, "dm", "Bob");
  const mia = await scene.staffAt("Mia");
  for (let n = 1; n <= 7; n += 1) await (n % 3 ? alice : bob).send(n % 3 ? bob.userId : alice.userId, `Nachricht ${n} ✓`);
  await mia.send(alice.userId, "hello from the platform");

  for (const [tab, peer, count] of [[alice, bob, 7], [bob, alice, 7], [alice, mia, 1], [mia, alice, 1], [mia, bob, 0]] as const) {
    const answered = await tab.ask<History>("message:history", { with: peer.userId });
    assert.equal(answered.messages.length, count);
    assert.deepEqual(await tab.login.get<History>(`/api/chat/history?with=${peer.userId}`), answered);
  }
  assert.deepEqual(
    await alice.login.get<History>(`/api/chat/history?with=${bob.userId}&before=5&limit=3`),
    await alice.ask<History>("message:history", { with: bob.userId, beforeSeq: 5, limit: 3 }),
  );
});
