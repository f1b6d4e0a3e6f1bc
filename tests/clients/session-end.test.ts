/** Every way in which a session ends, with and without Redis' keyspace events. What is told, to whom, and how soon. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { waitUntil } from "../stack/wait-until.ts";
import type { Login } from "./login.ts";
import type { Scene } from "./scene.ts";
import { StoredSession, type Stored } from "./stored-session.ts";
import { storiesOn } from "./story.ts";
import type { Tab } from "./tab.ts";
import type { Diff } from "./wire.ts";

const RECHECK_MS = 2_000;
/** For a machine that is busy with other tests. */
const SLACK_MS = 500;
/** Far longer than any story: whoever is announced has not waited for it. */
const GRACE = { REALTIME_PRESENCE_GRACE_MS: "60000" };

const byPeriod = storiesOn({ env: { ...GRACE, REALTIME_SESSION_RECHECK_SECS: `${RECHECK_MS / 1000}` } });
const byEvents = storiesOn({
  env: { ...GRACE, REALTIME_SESSION_RECHECK_SECS: "3600" },
  redis: { "notify-keyspace-events": "Kg$x" },
  alone: true,
});

type End = {
  reason: "revoked" | "expired" | "changed";
  /** Before the tabs are opened. */
  before?: (session: StoredSession) => Promise<void>;
  /** Ends it; answers when it has ended or will have (ms). */
  end: (session: StoredSession, login: Login, scene: Scene) => Promise<number>;
};

const LIFE_MS = 3_000;

function changing(alter: (stored: Stored, scene: Scene) => void): End {
  return {
    reason: "changed",
    end: async (session, _, scene) => {
      await session.change((stored) => alter(stored, scene));
      return Date.now();
    },
  };
}

const ENDS: Record<string, End> = {
  a_logout: {
    reason: "revoked",
    end: async (_, login) => {
      await login.logOut();
      return Date.now();
    },
  },
  the_end_of_the_keys_time: {
    reason: "expired",
    before: (session) => session.leave(LIFE_MS),
    end: (session) => session.endsAt(),
  },
  the_cookies_end: {
    reason: "expired",
    before: (session) => session.change(({ cookie }) => (cookie.expires = new Date(Date.now() + LIFE_MS).toISOString())),
    end: async (session) => Date.parse(String((await session.read()).cookie.expires)),
  },
  another_user: changing(({ user }) => (user.id = "u_somebody_else")),
  another_tenant: changing(({ user }) => (user.tenantId = "t_elsewhere")),
  another_kind: changing(({ user }) => Object.assign(user, { role: "manage", tenantId: null })),
  no_user_any_more: changing((stored) => Object.assign(stored, { user: undefined })),
};

/** One witness and two tabs at each gateway. */
async function meet(scene: Scene, before?: End["before"]): Promise<{ witnesses: Tab[]; tabs: Tab[]; session: StoredSession; login: Login }> {
  const acme = await scene.tenant();
  const urls = scene.stack.gateways.map(({ url }) => url);
  const witnesses = [];
  for (const url of urls) witnesses.push(await scene.memberAt(acme, "dashboard", "Witness", { url }));
  const login = await scene.logIn(await scene.member(acme, "Bob"));
  const session = new StoredSession(scene.stack.redis, login);
  await before?.(session);
  const tabs = [];
  for (const url of urls) for (const portal of ["dashboard", "dm"] as const) tabs.push(await scene.open(login, portal, { url }));
  for (const witness of witnesses) await witness.until("both portals of Bob", () => witness.payloads<Diff>("presence:diff").some((diff) => [...diff.online, ...(diff.changed ?? [])].some(({ id, portals }) => id === login.userId && portals.length === 2)));
  return { witnesses, tabs, session, login };
}

async function ends(scene: Scene, { reason, before, end }: End, withinMs: number): Promise<void> {
  const { witnesses, tabs, session, login } = await meet(scene, before);
  const known = witnesses.map((witness) => witness.received.length);
  const endsAt = await end(session, login, scene);
  const told = tabs.map(async (tab) => {
    assert.deepEqual(await tab.next("session:expired"), { reason });
    await tab.until("the end of the socket", () => tab.disconnects.length > 0);
    return Date.now();
  });
  const seen = witnesses.map(async (witness) => {
    await witness.untilOffline(login.userId);
    return Date.now();
  });
  const late = Math.max(...(await Promise.all([...told, ...seen]))) - endsAt;
  assert.ok(late >= -100, `${-late} ms too early`);
  assert.ok(late < withinMs, `everybody knew after ${late} ms`);
  for (const tab of tabs) {
    assert.deepEqual(tab.disconnects, ["io server disconnect"]);
    assert.equal(tab.payloads("session:expired").length, 1);
  }
  // Whoever comes next is told after anything that could still have been told of Bob.
  const acme = login.account.tenantId ?? "";
  const fence = await scene.memberAt(acme, "dashboard", "Fence");
  for (const [at, witness] of witnesses.entries()) {
    await witness.untilOnline(fence.userId);
    const announced = witness.announcements(login.userId, known[at]).filter((kind) => kind !== "changed");
    assert.deepEqual(announced, ["offline"], "once, and without a grace");
  }
}

for (const [name, end] of Object.entries(ENDS)) {
  byPeriod(`${name}_ends_every_socket_of_the_session_within_the_period`, (scene) => ends(scene, end, RECHECK_MS + SLACK_MS));
  byEvents(`${name}_ends_every_socket_of_the_session_within_a_second_by_keyspace_events`, (scene) => ends(scene, end, 1_000));
}

const ways = [
  ["by_period", byPeriod, "ended sessions are noticed by period"],
  ["by_events", byEvents, "ended sessions are noticed by Redis' keyspace events"],
] as const;

for (const [way, story, line] of ways) {
  story(`a_new_name_is_told_and_a_renewal_cuts_nobody_${way}`, async (scene) => {
    const { witnesses, tabs, session, login } = await meet(scene);
    const known = witnesses.map((witness) => witness.received.length);
    await session.change(({ user, cookie }) => {
      user.name = "Bobby";
      cookie.expires = new Date(Date.now() + 7_200_000).toISOString();
    });
    await session.leave(7_200_000);
    for (const [at, witness] of witnesses.entries()) {
      const diff = await witness.next<Diff>("presence:diff", ({ changed }) => changed?.some(({ id, name }) => id === login.userId && name === "Bobby") ?? false);
      assert.equal(diff.changed?.find(({ id }) => id === login.userId)?.portals.length, 2);
      const announced = witness.announcements(login.userId, known[at]);
      assert.ok(announced.every((kind) => kind === "changed"), `${announced.join(", ")}`);
    }
    for (const tab of tabs) assert.deepEqual([tab.disconnects, await tab.isAlive()], [[], true]);
  });

  story(`which_way_is_used_is_said_at_the_start_${way}`, async (scene) => {
    for (const { logFile } of scene.stack.gateways) assert.ok(readFileSync(logFile, "utf8").includes(line), line);
    const setting = await scene.stack.redis.ask<Record<string, string> | string[]>("CONFIG", "GET", "notify-keyspace-events");
    const flags = Object.values(setting).at(-1) ?? "";
    assert.deepEqual([...flags].sort().join(""), way === "by_period" ? "" : "$Kgx", "the gateway leaves the server's setting alone");
  });
}

byPeriod("keys_of_sessions_are_only_ever_read", async (scene) => {
  const { tabs, session, login } = await meet(scene);
  const [stored, endsAt] = [await session.read(), await session.endsAt()];
  const watch = await scene.stack.redis.watch();
  await scene.open(login, "dm");
  for (const tab of tabs) tab.close();
  const commands = () => watch.lines.filter((line) => line.includes(session.key)).map((line) => line.match(/\] "(\w+)"/)?.[1]?.toLowerCase() ?? line);
  // Those of the CONNECT, and those of rechecks.
  await waitUntil("rechecks", async () => commands().length >= 6);
  watch.stop();
  assert.deepEqual(commands().filter((command) => !["get", "mget", "pttl"].includes(command)), []);
  assert.deepEqual([await session.read(), await session.endsAt()], [stored, endsAt]);
});

byEvents("what_was_told_while_the_subscription_was_away_is_made_up_for", async (scene) => {
  const { tabs, session } = await meet(scene);
  // In one step: the event finds nobody who listens.
  const answer = await scene.stack.redis.askAll(["MULTI", "CLIENT KILL TYPE pubsub", `DEL ${session.key}`, "EXEC"]);
  assert.match(answer, /[1-9]\n+1\n*$/, answer);
  for (const tab of tabs) assert.deepEqual(await tab.next("session:expired"), { reason: "revoked" });
});
