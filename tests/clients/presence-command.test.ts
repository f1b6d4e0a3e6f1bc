import assert from "node:assert/strict";
import { storiesOn } from "./story.ts";

const story = storiesOn();

function rowOf(printed: string, id: string): string[] {
  const row = printed.split("\n").find((line) => line.includes(id));
  assert.ok(row, `${id} is in:\n${printed}`);
  return row.split(/ {2,}/);
}

story("operators_see_who_is_online_on_which_instance_and_how_old_the_leases_are", async (scene) => {
  const [acme, other] = [await scene.tenant(), await scene.tenant()];
  const [first, second] = [scene.stack.gateway(0), scene.stack.gateway(1)];
  const alice = await scene.memberAt(acme, "dashboard", "Alice \u001b[31m", { url: first.url });
  await scene.open(alice.login, "dm", { url: second.url });
  const bob = await scene.memberAt(acme, "dm", "Bob", { url: second.url });
  const stranger = await scene.memberAt(other, "dm", "Stranger", { url: second.url });
  const staff = await scene.staffAt("Staff");

  const all = await first.command("presence");
  const rows = all.split("\n").filter((line) => line.includes(alice.userId));
  assert.equal(rows.length, 2, "one line a place");
  assert.ok(rows.every((row) => row.startsWith(`tenant:${acme} `)));
  assert.deepEqual(rows.map((row) => row.split(/ {2,}/)[2]).sort(), ["dashboard", "dm"]);
  assert.ok(!all.includes("\u001b"), "a name does not steer the terminal");
  assert.equal(rowOf(all, staff.userId)[0], "manage");
  const [realm, , renewed, lease] = rowOf(all, `tenant:${other}`);
  assert.equal(realm, `tenant:${other}`);
  assert.match(renewed ?? "", /^[0-9.]+s ago$/);
  assert.match(lease ?? "", /^[0-4]\.\ds left$/);

  const one = await first.command("presence", "--tenant", acme);
  assert.ok(one.includes(bob.userId) && !one.includes(stranger.userId));
  assert.match(one, /\n2 online in 1 realms\n$/);

  await alice.untilOnline(bob.userId);
  bob.close();
  await alice.untilOffline(bob.userId);
  assert.ok(!(await first.command("presence", "--tenant", acme)).includes(bob.userId));
  await assert.rejects(first.command("presence", "--tenant", "a:b"), /invalid value/);
});
