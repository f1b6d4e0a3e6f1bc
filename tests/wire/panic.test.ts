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

  test(`whoever_asked_is_answered_and_the_log_names_the_request_and_no_content, over ${carrier}`, { timeout: 30_000 }, async () => {
    const unlucky = await joined(carrier);
    await echoes(unlucky, "first");
    unlucky.send('427["panic","my secret"]');
    assert.equal(await unlucky.packet("437", 0), '437[{"ok":false,"error":{"code":"internal","message":"Something went wrong here"}}]');
    await unlucky.end(WITHIN_MS);

    type Line = { message: string; "request.id"?: string; "panic.location"?: string; "panic.message"?: string };
    const lines = server.log().trim().split("\n").map((line) => JSON.parse(line) as Line);
    const caught = lines.filter(({ message }) => message.startsWith("a handler panicked")).at(-1);
    // The second event of its connection.
    assert.match(caught?.["request.id"] ?? "", /^[0-9a-f]{32}-2$/);
    assert.match(caught?.["panic.location"] ?? "", /socketio\.rs:\d+:\d+$/);
    assert.equal(lines.filter(({ message }) => message === "panic").at(-1)?.["panic.message"], "(formatted, untold)");
    assert.ok(!server.log().includes("my secret"));
  });
}
