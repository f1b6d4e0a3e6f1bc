/** Every wrong type in every field of every event is told by its name, and ends nothing. */
import assert from "node:assert/strict";
import { storiesOn } from "../clients/story.ts";
import { clientEvents, type ClientEvent, type Field } from "./catalogue.ts";
import { joined, namespaceOf } from "./joined.ts";
import { NOBODY_IS_LIMITED, OVER_BOTH } from "./quiet-budgets.ts";
import { SAMPLES, type EventName, type Payload } from "./samples.ts";
import { EXTRA, WRONG } from "./wrong-types.ts";

const story = storiesOn({ over: OVER_BOTH, env: NOBODY_IS_LIMITED });

type Case = { payload: Payload; fault?: string };

function without(payload: Payload, name: string): Payload {
  return Object.fromEntries(Object.entries(payload).filter(([key]) => key !== name));
}

function casesOf(field: Field, sample: Payload): Case[] {
  const absent = [without(sample, field.name), { ...sample, [field.name]: null }];
  return [
    ...WRONG[field.kind].map((wrong) => ({ payload: { ...sample, [field.name]: wrong }, fault: field.name })),
    ...absent.map((payload) => ({ payload, ...(field.isOptional ? {} : { fault: field.name }) })),
  ];
}

function cases({ name, fields }: ClientEvent, peer: string): Case[] {
  const sample = () => ({ ...SAMPLES[name as EventName](peer) }) as Payload;
  return [{ payload: sample() }, { payload: { ...sample(), ...EXTRA } }, ...fields.flatMap((field) => casesOf(field, sample()))];
}

story("every_wrong_type_in_every_field_of_every_event_names_the_field", async (scene) => {
  const acme = await scene.tenant();
  const { url } = scene.stack.gateway(0);
  const bob = await scene.memberAt(acme, "dm", "Bob", { url });
  let asked = 0;
  for (const portal of ["dashboard", "manage"] as const) {
    const login = await scene.logIn(portal === "manage" ? await scene.staff() : await scene.member(acme));
    const link = await joined(login, portal, scene.transport, url);
    for (const event of clientEvents()) {
      const isForStaff = event.name === "presence:tenants";
      for (const { payload, fault } of cases(event, bob.userId)) {
        const answer = await link.emit(namespaceOf(portal), event.name, payload);
        const shown = `${portal}: ${event.name} ${JSON.stringify(payload)} → ${JSON.stringify(answer).slice(0, 300)}`;
        const error = answer.ok ? undefined : answer.error;
        if (isForStaff && portal !== "manage") {
          assert.equal(error?.code, "forbidden", shown);
        } else if (fault === undefined) {
          assert.ok(answer.ok, shown);
        } else {
          assert.equal(error?.code, "invalid_payload", shown);
          assert.match(error?.message ?? "", new RegExp(`^${fault}\\b|\`${fault}\``), shown);
        }
        asked += 1;
      }
    }
    assert.equal(link.isClosed, false);
    link.close();
  }
  assert.ok(asked > 400, `${asked} were asked`);
});
