/**
 * Who is online. Changes are gathered and go into the store once a frame, however many there are. In mode `watch` the server tells
 * changes only of those whom we name: everybody whom the panel shows.
 */
import type { OnlineUser, TenantOnline } from "../protocol/shapes.ts";
import { serial, type Context } from "./context.ts";
import { isArrival, isDeparture, outlives, type Change } from "./early-changes.ts";
import { onceAFrame } from "./frame.ts";
import { onOwnerChanged } from "./owner.ts";

const PAGE = 100;
const PAGE_MAX = 500;
const WATCH_MAX = 500;
const RECOUNT_MS = 2_000;

export function createPresenceFeed({ store, link }: Context) {
  /** The last word about each user, until the next frame. */
  const gathered = new Map<string, Change>();
  let total: number | undefined;
  let recount: ReturnType<typeof setTimeout> | undefined;
  /** How many people online somebody has scrolled to. */
  let wanted = PAGE;
  let isStale = false;
  let isMoreWanted = false;
  let watched: ReadonlySet<string> = new Set();
  /** What is told while a new list to watch is on its way. */
  let early: Map<string, Change> | undefined;

  const flush = onceAFrame(() => {
    apply([...gathered.values()]);
    gathered.clear();
    if (total !== undefined) store.dispatch({ type: "presence/counted", total });
    total = undefined;
  });

  function apply(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    store.dispatch({ type: "presence/changed", online: changes.filter(isArrival), offline: changes.filter(isDeparture) });
  }

  /** Names whom to watch, and lets `take` have who of them is online; then come the changes that are newer than that. */
  async function watch(others: readonly string[], take: (asked: ReadonlySet<string>, online: ReadonlyMap<string, OnlineUser>) => void): Promise<void> {
    const { conversations, search } = store.getState();
    const shown = [...search.results.map(({ id }) => id), ...conversations.keys(), ...others];
    const asked = new Set([...new Set(shown)].slice(0, WATCH_MAX));
    const told = new Map<string, Change>();
    early = told;
    try {
      const { users } = await link.request("presence:watch", { userIds: [...asked] });
      const online = new Map(users.map((user) => [user.id, user]));
      const before = watched;
      watched = asked;
      gathered.clear();
      take(asked, online);
      apply([...told].flatMap(([id, change]) => (outlives(change, online.get(id), before.has(id)) ? [change] : [])));
    } finally {
      early = undefined;
    }
  }

  function page(cursor: string | undefined, limit: number) {
    const tenantId = store.getState().tenantFilter ?? undefined;
    return link.request("presence:list", { cursor, limit, tenantId });
  }

  async function reload(): Promise<void> {
    const listed: OnlineUser[] = [];
    let cursor: string | undefined;
    do {
      const answer = await page(cursor, Math.min(PAGE_MAX, wanted - listed.length));
      listed.push(...answer.users);
      cursor = answer.nextCursor ?? undefined;
    } while (cursor !== undefined && listed.length < wanted);
    await watch(listed.map(({ id }) => id), (asked, online) => {
      // In the order of the list; what the later answer says holds.
      const users = listed.filter(({ id }) => !asked.has(id) || online.has(id)).map((user) => online.get(user.id) ?? user);
      const ids = new Set(users.map(({ id }) => id));
      users.push(...[...online.values()].filter(({ id }) => !ids.has(id)));
      store.dispatch({ type: "presence/replaced", users, total: store.getState().presence.total, nextCursor: cursor ?? null });
    });
    if (store.getState().self?.kind === "manage") await listTenants();
  }

  async function append(): Promise<void> {
    const { nextCursor, total: online } = store.getState().presence;
    if (nextCursor === null) return;
    const { users, nextCursor: following } = await page(nextCursor, PAGE);
    wanted += users.length;
    store.dispatch({ type: "presence/paged", users, total: online, nextCursor: following });
    await watch([...store.getState().presence.online.keys()], (asked, now) => {
      store.dispatch({ type: "presence/watched", userIds: [...asked], users: [...now.values()] });
    });
  }

  async function listTenants(): Promise<void> {
    const tenants: TenantOnline[] = [];
    let cursor: string | undefined;
    do {
      const answer = await link.request("presence:tenants", { cursor, limit: PAGE_MAX });
      tenants.push(...answer.tenants);
      cursor = answer.nextCursor ?? undefined;
    } while (cursor !== undefined);
    store.dispatch({ type: "tenants/listed", tenants });
  }

  // One after the other: there is one list to watch.
  const follow = serial(async () => {
    if (isStale) {
      isStale = false;
      if (store.getState().presence.mode === "watch") await reload();
    }
    if (isMoreWanted) {
      isMoreWanted = false;
      await append();
    }
  });

  function refresh(): void {
    isStale = true;
    void follow();
  }

  onOwnerChanged(store, () => {
    gathered.clear();
    clearTimeout(recount);
    [total, recount, wanted, isMoreWanted] = [undefined, undefined, PAGE, false];
  });
  link.on("presence:snapshot", ({ users, online, complete }) => {
    gathered.clear();
    total = undefined;
    // A new socket watches nobody.
    watched = new Set();
    store.dispatch({ type: "presence/replaced", users, total: online, nextCursor: null });
    if (!complete) refresh();
  });
  link.on("presence:diff", ({ online, offline, changed = [] }) => {
    for (const change of [...online, ...changed, ...offline]) {
      gathered.set(change.id, change);
      early?.set(change.id, change);
    }
    flush();
  });
  link.on("presence:count", ({ online }) => {
    total = online;
    flush();
    // Somebody whom we do not watch came or went; it matters to somebody who looks at the list.
    if (store.getState().view === "list") recount ??= setTimeout(() => {
      recount = undefined;
      refresh();
    }, RECOUNT_MS);
  });
  link.on("presence:mode", ({ mode, online }) => {
    store.dispatch({ type: "presence/mode", mode, total: online });
    refresh();
  });

  store.subscribe((state, before) => {
    if (state.presence.mode !== "watch" || state.self === null) return;
    const isFilterNew = state.tenantFilter !== before.tenantFilter;
    if (isFilterNew) wanted = PAGE;
    const isStrangerHere = state.conversations.size !== before.conversations.size;
    const isSomebodyFound = state.search.results !== before.search.results && state.search.results.length > 0;
    if (isFilterNew || isStrangerHere || isSomebodyFound || (state.view === "list" && before.view !== "list")) refresh();
  });

  return {
    loadMore(): Promise<void> {
      isMoreWanted = true;
      return follow();
    },
  };
}
