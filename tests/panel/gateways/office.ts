/** One stack for all stories of this folder, and who is in most of them. */
import { browserStories, type BrowserScene } from "../../browser/browser-story.ts";
import type { Person, PortalPage, Visit } from "../../browser/person.ts";
import type { Account } from "../../stack/accounts.ts";

export const story = browserStories({
  REALTIME_PRESENCE_GRACE_MS: "1000",
  REALTIME_SESSION_RECHECK_SECS: "1",
  // One story writes to sixty people at once.
  REALTIME_RATE_MESSAGES: "200/200",
}, { directory: "api" });

/** tsx keeps the names of functions by this one, in what is evaluated in a page too. */
export const KEEPS_NAMES = "globalThis.__name = (named) => named;";

export type Desk = { account: Account; person: Person; page: PortalPage };

/** Colleagues of one tenant, each logged in with a browser window of their own. */
export async function colleagues<Name extends string>(scene: BrowserScene, names: readonly Name[], visit?: Visit): Promise<Record<Name, Desk>> {
  const tenantId = await scene.tenant("Acme");
  const desks = await Promise.all(names.map(async (name) => {
    const account = await scene.member(tenantId, name);
    return [name, { account, ...(await scene.logIn(account, visit)) }] as const;
  }));
  return Object.fromEntries(desks) as Record<Name, Desk>;
}
