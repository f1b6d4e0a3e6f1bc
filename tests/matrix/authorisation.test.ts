/** Every event, by every kind of caller, about everybody there is: what the table "Reach" says, and not a byte more. */
import assert from "node:assert/strict";
import { withEmitter } from "../clients/node-server.ts";
import { storiesOn } from "../clients/story.ts";
import { clientEvents } from "./catalogue.ts";
import { assertUnmarked } from "./marks.ts";
import { questions, type Question } from "./questions.ts";
import { NOBODY_IS_LIMITED, OVER_BOTH } from "./quiet-budgets.ts";
import { storedRows } from "./stored-rows.ts";
import { relation, targets, type Target } from "./targets.ts";
import { linkOf, World, type Person } from "./world.ts";
import { namespaceOf } from "./joined.ts";

const story = storiesOn({ over: OVER_BOTH, env: NOBODY_IS_LIMITED });

async function ask(caller: Person, event: string, { payload, refusal, check }: Question, what: string): Promise<string> {
  const answer = await linkOf(caller).answer(namespaceOf(caller.portal), JSON.stringify([event, payload]));
  const shown = `${caller.role}: ${event} ${JSON.stringify(payload).slice(0, 200)} (${what}) → ${answer.slice(0, 500)}`;
  const [reply] = JSON.parse(answer) as [{ ok: boolean; data: never; error?: { code: string; message: string } }];
  assert.equal(reply.error?.code, refusal?.code, shown);
  if (refusal?.field !== undefined) assert.ok(reply.error?.message.startsWith(`${refusal.field}: `), shown);
  try {
    if (reply.ok) check?.(reply.data);
  } catch (error) {
    throw new Error(shown, { cause: error });
  }
  return answer;
}

/** Asks about all targets; what must not be told apart is compared with the answers about the first, who does not exist. */
async function askAll(world: World, caller: Person, event: string, asked: Target[], nobody: Target): Promise<number> {
  let count = 0;
  const unknown: string[] = [];
  for (const target of [nobody, ...asked]) {
    for (const [place, question] of questions(event, { world, caller, target }).entries()) {
      const answer = await ask(caller, event, question, target.what);
      if (target === nobody) unknown[place] = answer;
      if (question.isHidden) assert.equal(answer, unknown[place], `${caller.role} can tell ${target.what} from nobody by ${event}`);
      count += 1;
    }
  }
  return count;
}

/** Answers come before deliveries; what was sent to the victims before this has reached them with it. */
async function fence(world: World): Promise<void> {
  const { manage } = world.people;
  for (const victim of Object.values(world.people)) {
    if (!victim.link || victim === manage || victim.role.startsWith("twin") || victim.role.includes("Twin")) continue;
    const from = victim.link.frames.length;
    const { id } = await world.say(manage, victim);
    const found = await waitFor(victim, id, from);
    assert.ok(found, `the link of ${victim.role} was closed`);
  }
}

async function waitFor(victim: Person, messageId: string, from: number): Promise<string | undefined> {
  return linkOf(victim).frame(`42${namespaceOf(victim.portal)},["message:new",{"id":"${messageId}"`, from);
}

story("every_event_by_every_caller_about_every_target_is_answered_by_the_table", async (scene) => {
  const world = await World.build(scene);
  try {
    const { dashboard, dm, manage } = world.people;
    const [nobody, ...others] = targets(world);
    assert.ok(nobody);
    let asked = 0;
    for (const caller of [dashboard, dm, manage]) {
      const isInReach = (target: Target) => relation(world, caller, target) === "in reach";
      for (const { name } of clientEvents()) {
        const before = await storedRows(scene);
        asked += await askAll(world, caller, name, others.filter((target) => !isInReach(target)), nobody);
        assert.equal(await storedRows(scene), before, `${name} by ${caller.role}: something was written for a question that was refused`);
        asked += await askAll(world, caller, name, others.filter(isInReach), nobody);
      }
    }
    assert.ok(asked > 1_000, `${asked} questions were asked`);

    await withEmitter(scene.stack.redis.url, async (emitter) => {
      const elsewhere = [...world.of("globex"), ...world.of("initech")];
      for (const { tenantId, name } of elsewhere) emitter.of("/tenant").to(`tenant:${tenantId}`).emit("note", name);
      for (const { id, name } of world.of("staff")) emitter.of("/manage").to("manage").to(`user:${id}`).emit("note", name);
    });
    await fence(world);
    const twins = [world.people.twinHere.id];
    // `manage` writes to everybody, and may be seen for it.
    const known = [...twins, manage.id, manage.name];
    const outOfAcme = assertUnmarked(world, world.of("acme"), ["globex", "initech", "staff"], { ignored: known });
    const outOfGlobex = assertUnmarked(world, world.of("globex"), ["acme", "initech"], { ignored: [...twins, world.people.foreignTwin.id] });
    assert.ok(outOfAcme > 100_000 && outOfGlobex > 1_000, `searched ${outOfAcme} and ${outOfGlobex} bytes`);
    const isAddressed = (frame: string) => !frame.includes('["presence:') && !frame.startsWith("43");
    assertUnmarked(world, [world.people.silentStaff, world.people.otherSilentStaff], ["acme", "initech"], { frames: isAddressed });
    // The search can find something: here the API itself says what it should not.
    const { foreigner } = world.people;
    await withEmitter(scene.stack.redis.url, async (emitter) => void emitter.of("/tenant").to(`user:${dm.id}`).emit("leak", foreigner.name));
    await linkOf(dm).frame('42/tenant,["leak"');
    assert.throws(() => assertUnmarked(world, world.of("acme"), ["globex"], { ignored: known }), /dm of acme received "foreigner globex-/);
    // What colleagues say to each other is no business of the others in their tenant.
    const [betweenColleagues] = world.messages;
    for (const other of [dashboard, dm]) assert.ok(!linkOf(other).frames.some((frame) => frame.includes(betweenColleagues!.body)));
  } finally {
    world.close();
  }
});
