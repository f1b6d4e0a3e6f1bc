import assert from "node:assert/strict";
import { storiesOn } from "./story.ts";
import type { Tab } from "./tab.ts";
import { clientOptions, type Transport } from "./transport.ts";
import type { Message, Sync } from "./wire.ts";

const USERS = Number(process.env.ROLLING_USERS ?? 200);
const DRAIN_SECS = 4;
/** The stock client's own back-off. */
const PATIENT = { reconnectionDelay: 1_000, reconnectionDelayMax: 5_000 };
const TRANSPORTS: Transport[] = ["websocket", "polling", "upgrade"];

const story = storiesOn({ alone: true, env: { REALTIME_DRAIN_SECS: String(DRAIN_SECS) } });

/** Writes to a peer, one message after the other, each repeated until it is acked. */
async function write(tab: Tab, to: string, isOver: () => boolean, acked: Message[]): Promise<void> {
  for (let n = 0; !isOver(); n += 1) {
    const message = { to, body: `${n}`, clientMessageId: crypto.randomUUID() };
    for (let ack; !ack; ) {
      await tab.until("the link", () => tab.socket.connected, 30_000);
      ack = await tab.socket.timeout(3_000).emitWithAck("message:send", message).catch(() => undefined);
      if (ack?.ok) acked.push(ack.data);
      else if (ack) throw new Error(`${ack.error.code}: ${ack.error.message}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

story(
  "a_rolling_restart_is_seen_by_nobody_and_loses_nothing",
  async (scene) => {
    const acme = await scene.tenant();
    const accounts = await Promise.all(Array.from({ length: USERS }, (_, n) => scene.member(acme, `User ${n}`)));
    const tabs: Tab[] = [];
    for (let n = 0; n < USERS; n += 20) {
      const some = accounts.slice(n, n + 20).map(async (account, at) => {
        const over = clientOptions(TRANSPORTS[(n + at) % TRANSPORTS.length]!);
        return scene.open(await scene.logIn(account), "dm", { ...over, ...PATIENT });
      });
      tabs.push(...(await Promise.all(some)));
    }
    const faults: string[] = [];
    for (const tab of tabs) tab.socket.io.on("reconnect_error", (error) => faults.push(`${tab.userId}: ${error.message}`));
    const witness = tabs[0]!;
    for (const tab of tabs) await witness.untilOnline(tab.userId);
    await scene.fence(witness);
    const before = tabs.map((tab) => tab.received.length);

    let isOver = false;
    const acked: Message[] = [];
    const writing = tabs.map((tab, n) => write(tab, tabs[(n + USERS / 2) % USERS]!.userId, () => isOver, acked));
    for (const gateway of scene.stack.gateways) {
      assert.deepEqual(await gateway.kill("SIGTERM"), { code: 0, signal: null });
      await gateway.restart();
      const back = (tab: Tab) => tab.until("its return", () => tab.socket.connected, 20_000);
      await Promise.all(tabs.map(back));
    }
    isOver = true;
    await Promise.all(writing);

    assert.ok(acked.length > USERS, `${acked.length} messages were acked`);
    const stored = await scene.rows<{ id: string }>(`SELECT id FROM realtime."ChatMessage" WHERE "tenantId" = $1`, [acme]);
    const ids = new Set(stored.map(({ id }) => id));
    assert.deepEqual(acked.filter(({ id }) => !ids.has(id)), [], "every acked message is stored");
    assert.equal(stored.length, acked.length, "and nothing is stored twice");
    // What did not come live comes with a sync, as every client asks for it when it is back.
    const { messages } = await witness.ask<Sync>("sync", { since: {}, limit: 1_000 });
    const theirs = acked.filter(({ senderId, recipientId }) => [senderId, recipientId].includes(witness.userId));
    assert.equal(messages.length, theirs.length);

    await scene.fence(witness);
    for (const [n, tab] of tabs.entries()) {
      const passers = (id: string) => accounts.every((account) => account.id !== id);
      for (const diff of tab.payloads<{ offline: { id: string }[]; online: { id: string }[] }>("presence:diff", before[n])) {
        assert.deepEqual([...diff.offline, ...diff.online].filter(({ id }) => !passers(id)), [], "nobody is seen to go or to come");
      }
      assert.ok(tab.disconnects.length <= 2 && tab.disconnects.every((reason) => reason.startsWith("transport")), tab.disconnects.join());
    }
    assert.deepEqual(faults, [], "every client came back at its first attempt");
  },
  { withinMs: 150_000 },
);
