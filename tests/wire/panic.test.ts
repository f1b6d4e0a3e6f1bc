/** A handler that panics ends its own connection, and nothing else. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openLink, type Carrier, type Link } from "./link.ts";
import { startProduct, type Server } from "./server.ts";

const WITHIN_MS = 5_000;
const CARRIERS: Carrier[] = ["websocket", "polling"];

let server: Server;
before(async () => {
  server = await startProduct("socketio");
});
after(() => server.stop());

async function joined(carrier: Carrier): Promise<Link> {
  const link = await openLink(server, carrier);
  link.send("40");
  assert.ok(await link.packet("40", 0));
  return link;
}

async function echoes(link: Link, text: string): Promise<void> {
  link.send(`42["message","${text}"]`);
  assert.ok(await link.packet(`42["message-back","${text}"]`, 0), `${text} came back`);
}

for (const carrier of CARRIERS) {
  test(`a_panic_ends_its_own_connection_alone, over ${carrier}`, { timeout: 30_000 }, async () => {
    const bystanders = await Promise.all(CARRIERS.map(joined));
    const unlucky = await joined(carrier);
    await echoes(unlucky, "so far");
    unlucky.send('42["panic"]');
    await unlucky.end(WITHIN_MS);
    assert.notEqual(unlucky.ending, undefined);
    for (const bystander of bystanders) {
      await echoes(bystander, "still here");
      assert.equal(bystander.ending, undefined);
      bystander.leave();
    }
    const newcomer = await joined(carrier);
    await echoes(newcomer, "welcome");
    newcomer.leave();
  });
}
