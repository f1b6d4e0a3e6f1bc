/** Every kind of session at every namespace with every portal, and what may be said after a refusal. */
import assert from "node:assert/strict";
import type { Login } from "../clients/login.ts";
import { RawLink } from "../clients/raw-link.ts";
import type { Scene } from "../clients/scene.ts";
import { storiesOn } from "../clients/story.ts";
import { clientEvents } from "./catalogue.ts";
import { joined } from "./joined.ts";
import { NOBODY_IS_LIMITED, OVER_BOTH } from "./quiet-budgets.ts";
import { SAMPLES, type EventName } from "./samples.ts";
import { storedRows } from "./stored-rows.ts";

const story = storiesOn({ over: OVER_BOTH, env: NOBODY_IS_LIMITED });

const NAMESPACES = ["/manage", "/tenant", "/", "/other", "/tenant/", "/Tenant", "/tenant?x=1", "/__proto__"];
const PORTALS = [undefined, null, "dashboard", "dm", "manage", "", "Dashboard", "__proto__"];

/** The table "Namespaces, portals, rooms". */
function refusal(kind: "manage" | "tenant", namespace: string, portal: string | null | undefined): string | undefined {
  if (!["/manage", "/tenant"].includes(namespace)) return "invalid_namespace";
  if (namespace !== `/${kind}`) return "forbidden";
  const served = kind === "manage" ? ["manage"] : ["dashboard", "dm"];
  return portal === undefined || portal === null || served.includes(portal) ? undefined : "forbidden";
}

const head = (namespace: string) => (namespace === "/" ? "" : `${namespace},`);

async function connect(scene: Scene, login: Login, namespace: string, portal: string | null | undefined): Promise<{ link: RawLink; reply: string }> {
  const link = await RawLink.open(login, scene.transport, scene.stack.gateway(0).url);
  link.send(`40${head(namespace)}${JSON.stringify({ portal, role: "manage", user: { role: "manage" }, tenantId: "t" })}`);
  return { link, reply: (await link.frame("4")) ?? `closed: ${link.closedBy}` };
}

story("every_kind_of_session_joins_its_own_namespace_and_portals_and_no_others", async (scene) => {
  const logins = { tenant: await scene.logIn(await scene.member(await scene.tenant())), manage: await scene.logIn(await scene.staff()) };
  for (const kind of ["tenant", "manage"] as const) {
    for (const namespace of NAMESPACES) {
      for (const portal of PORTALS) {
        const { link, reply } = await connect(scene, logins[kind], namespace, portal);
        const shown = `${kind} at ${namespace} with ${portal}: ${reply}`;
        const code = refusal(kind, namespace, portal);
        if (code === undefined) {
          assert.match(reply, /^40\/(manage|tenant),\{"sid":"[^"]{20}"\}$/, shown);
        } else {
          assert.ok(reply.startsWith(`44${head(namespace)}{"message":"`) && reply.endsWith(`,"data":{"code":"${code}"}}`), shown);
          assert.equal(link.isClosed, false, shown);
        }
        link.close();
      }
    }
  }
});

story("whoever_was_refused_is_not_answered_and_cut_when_they_talk_on", async (scene) => {
  const acme = await scene.tenant();
  const alice = await scene.logIn(await scene.member(acme));
  const mia = await scene.logIn(await scene.staff());
  const bobsLogin = await scene.logIn(await scene.member(acme));
  const bob = await joined(bobsLogin, "dm", scene.transport, scene.stack.gateway(0).url);
  const before = await storedRows(scene);
  for (const [login, namespace] of [[alice, "/manage"], [mia, "/tenant"], [alice, "/other"]] as const) {
    for (const { name } of clientEvents()) {
      const { link } = await connect(scene, login, namespace, undefined);
      link.send(`42${namespace},1${JSON.stringify([name, SAMPLES[name as EventName](bobsLogin.userId)])}`);
      assert.equal(await link.frame("43"), undefined, `${name} in ${namespace} was answered`);
      assert.ok(link.isClosed);
    }
  }
  assert.equal(await storedRows(scene), before);
  assert.equal((await bob.emit("/tenant", "presence:list", { limit: 1 })).ok, true);
  assert.ok(!bob.frames.some((frame) => frame.includes('["message:new"') || frame.includes('["typing"')));
  bob.close();
});
