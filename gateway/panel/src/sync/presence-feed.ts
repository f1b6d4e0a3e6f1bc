/**
 * Who is online. Changes are gathered and go into the store once a frame, however many there are. In mode `watch` the server tells
 * changes only of those whom we name: everybody whom the panel shows.
 */
import type { OfflineUser, OnlineUser } from "../protocol/shapes.ts";
import { serial, type Context } from "./context.ts";
import { onceAFrame } from "./frame.ts";

const PAGE = 100;
const WATCH_MAX = 500;
const RECOUNT_MS = 2_000;

export function createPresenceFeed({ store, link }: Context) {
  const came = new Map<string, OnlineUser>();
  const left = new Map<string, OfflineUser>();
  let total: number | undefined;
  let recount: ReturnType<typeof setTimeout> | undefined;
  let pages = 1;

  const flush = onceAFrame(() => {
    if (came.size > 0 || left.size > 0) store.dispatch({ type: "presence/changed", online: [...came.values()], offline: [...left.values()] });
    if (total !== undefined) store.dispatch({ type: "presence/counted", total });
    forget();
  });

  function forget(): void {
    came.clear();
    left.clear();
    total = undefined;
  }

  async function watch(): Promise<void> {
    const { presence, conversations } = store.getState();
    const userIds = [...new Set([...conversations.keys(), ...presence.online.keys()])].slice(0, WATCH_MAX);
    const { users } = await link.request("presence:watch", { userIds });
    store.dispatch({ type: "presence/watched", userIds, users });
  }

  async function page(cursor: string | undefined) {
    const tenantId = store.getState().tenantFilter ?? undefined;
    return link.request("presence:list", { cursor, limit: PAGE, tenantId });
  }

  const refresh = serial(async () => {
    if (store.getState().presence.mode !== "watch") return;
    const users: OnlineUser[] = [];
    let cursor: string | undefined;
    for (let index = 0; index < pages; index += 1) {
      const answer = await page(cursor);
      users.push(...answer.users);
      cursor = answer.nextCursor ?? undefined;
      if (cursor === undefined) break;
    }
    forget();
    const { total } = store.getState().presence;
    store.dispatch({ type: "presence/replaced", users, total, nextCursor: cursor ?? null });
    await watch();
    if (store.getState().self?.kind === "manage") await listTenants();
  });

  async function listTenants(): Promise<void> {
    const { tenants } = await link.request("presence:tenants", { limit: PAGE });
    store.dispatch({ type: "tenants/listed", tenants });
  }

  const loadMore = serial(async () => {
    const { nextCursor } = store.getState().presence;
    if (nextCursor === null) return;
    const { users, nextCursor: following } = await page(nextCursor);
    pages += 1;
    store.dispatch({ type: "presence/paged", users, total: store.getState().presence.total, nextCursor: following });
    await watch();
  });

  link.on("presence:snapshot", ({ users, online, complete }) => {
    forget();
    store.dispatch({ type: "presence/replaced", users, total: online, nextCursor: null });
    if (!complete) void refresh();
  });
  link.on("presence:diff", ({ online, offline, changed = [] }) => {
    for (const user of [...online, ...changed]) {
      left.delete(user.id);
      came.set(user.id, user);
    }
    for (const user of offline) {
      came.delete(user.id);
      left.set(user.id, user);
    }
    flush();
  });
  link.on("presence:count", ({ online }) => {
    total = online;
    flush();
    // Somebody whom we do not watch came or went; it matters to somebody who looks at the list.
    if (store.getState().view === "list") recount ??= setTimeout(() => {
      recount = undefined;
      void refresh();
    }, RECOUNT_MS);
  });
  link.on("presence:mode", ({ mode, online }) => {
    store.dispatch({ type: "presence/mode", mode, total: online });
    void refresh();
  });

  store.subscribe((state, before) => {
    if (state.presence.mode !== "watch" || state.self === null) return;
    const isFilterNew = state.tenantFilter !== before.tenantFilter;
    if (isFilterNew) pages = 1;
    const isStrangerHere = state.conversations.size !== before.conversations.size;
    if (isFilterNew || isStrangerHere || (state.view === "list" && before.view !== "list")) void refresh();
  });

  return { loadMore };
}
