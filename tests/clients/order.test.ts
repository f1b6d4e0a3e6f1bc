import assert from "node:assert/strict";
import { storiesOn } from "./story.ts";
import type { Message, Sync } from "./wire.ts";

const story = storiesOn({
  over: ["websocket", "polling", "upgrade"],
  // All of it may come between two polls.
  env: { REALTIME_RATE_MESSAGES: "5000/5000", REALTIME_SEND_QUEUE: "1024" },
});

const TABS = 6;
const EACH = 25;

story("many_senders_on_both_gateways_get_gapless_numbers_in_the_order_in_which_each_one_sent", async (scene) => {
  const acme = await scene.tenant();
  const urls = scene.stack.gateways.map(({ url }) => url);
  const pair = [await scene.logIn(await scene.member(acme, "Alice")), await scene.logIn(await scene.member(acme, "Bob"))] as const;
  const tabs = await Promise.all(
    pair.flatMap((login) => Array.from({ length: TABS }, (_, n) => scene.open(login, "dashboard", { url: urls[n % urls.length] }))),
  );
  const peerOf = (userId: string) => (userId === pair[0].userId ? pair[1].userId : pair[0].userId);

  const acked = await Promise.all(
    tabs.map((tab, at) => Promise.all(Array.from({ length: EACH }, (_, n) => tab.send(peerOf(tab.userId), `${at}/${n}`)))),
  );
  const total = TABS * 2 * EACH;
  const all = acked.flat();
  assert.deepEqual(all.map(({ seq }) => seq).sort((a, b) => a - b), Array.from({ length: total }, (_, n) => n + 1));
  for (const own of acked) {
    for (const [n, message] of own.entries()) assert.ok(n === 0 || message.seq > (own[n - 1] as Message).seq, "in the order in which it was sent");
  }

  const bySeq = [...all].sort((a, b) => a.seq - b.seq);
  const rows = await scene.rows<{ seq: string; body: string }>(
    `SELECT seq, body FROM realtime."ChatMessage" WHERE "conversationId" = $1 ORDER BY seq`,
    [bySeq[0]?.conversationId],
  );
  assert.deepEqual(rows.map(({ seq, body }) => [Number(seq), body]), bySeq.map(({ seq, body }) => [seq, body]));

  for (const [at, tab] of tabs.entries()) {
    const expected = total - EACH;
    await tab.until(`${expected} messages at tab ${at}`, () => tab.messages().length >= expected);
    const heard = tab.messages();
    assert.equal(new Set(heard.map(({ id }) => id)).size, expected, "each once");
    assert.ok(heard.every(({ body }) => !body.startsWith(`${at}/`)), "none of its own");
    const lastOf = new Map<string, number>();
    for (const { body, seq } of heard) {
      const sender = body.split("/")[0] as string;
      assert.ok(seq > (lastOf.get(sender) ?? 0), `what tab ${sender} sent arrives in order`);
      lastOf.set(sender, seq);
    }
  }

  const synced: Message[] = [];
  const reader = tabs[0]!;
  for (let hasMore = true; hasMore; ) {
    const since = synced.length > 0 ? { [synced[0]!.conversationId]: synced.at(-1)!.seq } : {};
    const page = await reader.ask<Sync>("sync", { since, limit: 100 });
    synced.push(...page.messages);
    hasMore = page.hasMore;
  }
  assert.deepEqual(synced, bySeq);
});
