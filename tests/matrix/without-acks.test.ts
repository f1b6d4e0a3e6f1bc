/** A client that asks for no acks is as well served as any. */
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { storiesOn } from "../clients/story.ts";
import { joined } from "./joined.ts";
import { NOBODY_IS_LIMITED, OVER_BOTH } from "./quiet-budgets.ts";

const story = storiesOn({ over: OVER_BOTH, env: NOBODY_IS_LIMITED });

/** Far less than until the next ping, which wakes a link that has stopped. */
const IN_TIME_MS = 3_000;

story("many_events_without_acks_hold_nothing_up", async (scene) => {
  const acme = await scene.tenant();
  const [alice, bob] = [await scene.logIn(await scene.member(acme)), await scene.logIn(await scene.member(acme))];
  const { url } = scene.stack.gateway(0);
  const witness = await joined(bob, "dm", scene.transport, url);
  const link = await joined(alice, "dashboard", scene.transport, url);
  // More than may wait for a handler at once; nothing is written to the link for any of them.
  const marks = Array.from({ length: 200 }, () => `42/tenant,["message:delivered",{"with":"${bob.userId}","upToSeq":0}]`);
  const atOnce = scene.transport === "polling" ? marks.length : 1;
  for (let at = 0; at < marks.length; at += atOnce) link.send(marks.slice(at, at + atOnce).join("\x1e"));
  const answer = await Promise.race([link.emit("/tenant", "message:history", { with: bob.userId }), pause(IN_TIME_MS, undefined, { ref: false })]);
  link.close();
  witness.close();
  assert.ok(answer?.ok, "the link stands still until something else happens to it");
});
