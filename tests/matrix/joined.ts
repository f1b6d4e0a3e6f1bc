/** Raw links of logged-in users that have joined. */
import assert from "node:assert/strict";
import type { Login } from "../clients/login.ts";
import { RawLink } from "../clients/raw-link.ts";
import type { Portal } from "../clients/tab.ts";
import type { Transport } from "../clients/transport.ts";

export function namespaceOf(portal: Portal): "/manage" | "/tenant" {
  return portal === "manage" ? "/manage" : "/tenant";
}

export async function joined(login: Login, portal: Portal, transport: Transport, url: string): Promise<RawLink> {
  const link = await RawLink.open(login, transport, url);
  const namespace = namespaceOf(portal);
  link.send(`40${namespace},${JSON.stringify({ portal })}`);
  const reply = (await link.frame("4")) ?? `closed: ${link.closedBy}`;
  assert.ok(reply.startsWith(`40${namespace},`), `${login.userId} at ${portal}: ${reply}`);
  await link.frame(`42${namespace},["presence:snapshot"`);
  return link;
}
