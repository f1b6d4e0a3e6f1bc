/** The story of a run: people move in, work through a storm, and are asked afterwards what they hold and believe. */
import { setTimeout as pause } from "node:timers/promises";
import { waitUntil } from "../stack/wait-until.ts";
import { check } from "./checker.ts";
import { subscriptionsEnd } from "./checks/leftovers.ts";
import { City, GRACE_MS, PING_MS } from "./city.ts";
import { begin } from "./faults/begin.ts";
import { emptyLedger, type ConversationRow, type Ledger, type PresenceView, type Row } from "./ledger.ts";
import { MemoryWatch } from "./memory-watch.ts";
import { GATEWAYS, LEASE_MS, told, type Fault, type Plan } from "./plan.ts";
import { isStaff } from "./population.ts";
import { Random } from "./random.ts";
import type { Device } from "./device.ts";
import type { User } from "./user.ts";

const WARM_UP_MS = 4_000;
const RETURN_WITHIN_MS = 30_000;
/** Subscriptions are given back lazily. */
const UNSUBSCRIBED_WITHIN_MS = 20_000;
const ALLOWED_MS = 2_000;

export type RunOptions = {
  plan: Plan;
  users: number;
  tell?: (line: string) => void;
  /** Done to the system when the storm is over and everybody is back: what the checker is to find. */
  sabotage?: (city: City) => Promise<void>;
};

export async function run({ plan, users, tell = () => {}, sabotage }: RunOptions): Promise<Ledger> {
  const ledger = emptyLedger();
  const startedAt = Date.now();
  const progress = (line: string) => tell(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${line}`);
  const city = await City.build(ledger);
  const memory = new MemoryWatch(() => city.memory());
  try {
    progress(`${GATEWAYS} gateways run, ${users} people move in; logs are in ${city.stack.logFolder}`);
    const random = new Random(plan.seed);
    await city.moveIn(users, random.fork());
    await everybodyBack(city);
    for (const user of city.users) user.start();
    await pause(WARM_UP_MS);

    progress("the storm begins");
    await storm(plan, city, progress);
    progress("the storm is over");
    await Promise.all(city.users.map((user) => user.rest()));
    for (const user of city.users) user.network.heal();
    await everybodyBack(city);
    await everythingSaid(city);
    await sabotage?.(city);
    progress("everybody is back, and all is said");

    await believe("after the storm", city);
    ledger.memory = memory.compare();
    await takeStock(city);
    progress("stock is taken; some leave for good, and one gateway dies");
    await someLeave(city, random.fork());
    progress("the others leave");
    await allLeave(city);
    progress("all have left");
    // Somebody will want to read the logs.
    if (!sabotage && check(ledger).length > 0) city.stack.keepState();
    return ledger;
  } catch (error) {
    city.stack.keepState();
    throw error;
  } finally {
    memory.stop();
    await city.stop();
  }
}

async function storm(plan: Plan, city: City, progress: (line: string) => void): Promise<void> {
  const beganAt = Date.now();
  const untilMs = (atMs: number) => pause(Math.max(beganAt + atMs - Date.now(), 0));
  const inTurn = async (faults: Fault[]) => {
    for (const fault of faults) {
      await untilMs(fault.atMs);
      progress(told(fault));
      const mend = await begin(fault, city.stack, (store, gateway) => city.link(store, gateway));
      await pause(fault.forMs);
      await mend();
      if (fault.kind === "commit-reset") progress(`answers to commits lost until now: ${city.link("postgres", fault.gateway).answersLost}`);
    }
  };
  await Promise.all([untilMs(plan.durationMs), ...plan.families.map(inTurn)]);
}

function devicesOf(users: User[]): Device[] {
  return users.flatMap(({ devices }) => devices);
}

/** Waits for a condition; what is missing when the time is over goes into the ledger. */
async function orStuck(city: City, missing: () => string[], withinMs: number): Promise<void> {
  await waitUntil("the end of all trouble", async () => missing().length === 0, withinMs).catch(() => city.ledger.stuck.push(...missing()));
}

async function everybodyBack(city: City): Promise<void> {
  const away = () => devicesOf(city.users).filter(({ isReady }) => !isReady).map(({ name }) => `${name} did not come back`);
  await orStuck(city, away, RETURN_WITHIN_MS);
}

async function everythingSaid(city: City): Promise<void> {
  const deadline = Date.now() + RETURN_WITHIN_MS;
  const unsaid = () => city.users.flatMap(({ unsettled }) => unsettled).map(({ clientMessageId }) => `${clientMessageId} could not be sent`);
  while (unsaid().length > 0 && Date.now() < deadline) {
    await Promise.all(city.users.map((user) => user.settleOutbox()));
    await pause(100);
  }
  city.ledger.stuck.push(...unsaid());
}

function truthFor(observer: User, users: User[]): string[] {
  const isInScope = (user: User) => isStaff(observer.account) || user.account.tenantId === observer.account.tenantId;
  return users.filter((user) => user.isOnline && isInScope(user)).map(({ id }) => id).sort();
}

function viewsOf(when: string, city: City): PresenceView[] {
  return city.users.flatMap((observer) =>
    observer.devices
      .filter(({ isReady }) => isReady)
      .map((device) => ({ when, observerId: device.name, believed: [...(device.online ?? [])].sort(), truth: truthFor(observer, city.users) })),
  );
}

/** Waits until everybody believes what is true, but no longer than promised, and notes what they believe. */
async function believe(when: string, city: City, withinMs = LEASE_MS + ALLOWED_MS): Promise<void> {
  const isTrue = () => viewsOf(when, city).every(({ believed, truth }) => believed.join() === truth.join());
  await waitUntil("the truth", async () => isTrue(), withinMs).catch(() => {});
  city.ledger.presence.push(...viewsOf(when, city));
}

async function takeStock({ stack, users, ledger }: City): Promise<void> {
  for (const device of devicesOf(users)) {
    if (!(await device.sync())) ledger.stuck.push(`${device.name} could not sync`);
    ledger.holdings.push({ device: device.name, userId: device.userId, tenantId: device.tenantId, messages: device.messages });
  }
  const numbers = (names: string[]) => names.map((name) => `"${name}"::int`).join(", ");
  const { rows } = await stack.database.query<Omit<Row, "createdAt"> & { createdAt: Date }>(`SELECT *, ${numbers(["seq"])} FROM realtime."ChatMessage"`);
  ledger.rows = rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
  const marks = numbers(["lastSeq", "readSeqA", "readSeqB", "deliveredSeqA", "deliveredSeqB"]);
  ledger.conversations = (await stack.database.query<ConversationRow>(`SELECT *, ${marks} FROM realtime."ChatConversation"`)).rows;
}

/** In calm weather some log out, close their tabs or vanish, and at that moment a gateway dies. Who stays is told of each once. */
async function someLeave(city: City, random: Random): Promise<void> {
  const leavers = random.shuffled(city.users).slice(0, Math.ceil(city.users.length / 4));
  const stayers = city.users.filter((user) => !leavers.includes(user));
  const connections = new Map(devicesOf(stayers).map((device) => [device, device.connection]));
  const from = city.ledger.toldOffline.length;
  const ways = [(user: User) => user.logOut(), async (user: User) => user.leave(), async (user: User) => user.vanish()];
  await Promise.all([city.stack.gateway(random.between(0, GATEWAYS - 1)).kill("SIGKILL"), ...leavers.map((user, index) => ways[index % ways.length]!(user))]);
  await believe("after the departures", city, PING_MS + GRACE_MS + LEASE_MS + ALLOWED_MS);
  city.ledger.stuck.push(...leavers.flatMap(({ id, isOnline }, index) => (isOnline ? [`${id} is still there, way ${index % ways.length} of leaving`] : [])));
  // A second announcement would come with the next sweep.
  await pause(LEASE_MS / 2);

  const told = city.ledger.toldOffline.slice(from);
  const stayed = [...connections].filter(([device, connection]) => device.isReady && device.connection === connection);
  for (const { account, id } of leavers) {
    for (const [device, connection] of stayed) {
      if (device.tenantId !== null && device.tenantId !== account.tenantId) continue;
      const times = told.filter((notice) => notice.connection === connection && notice.userId === id).length;
      city.ledger.absences.push({ userId: id, observerId: device.name, times });
    }
  }
}

async function allLeave(city: City): Promise<void> {
  for (const user of city.users) user.leave();
  const channels = async () => (city.ledger.channels = await city.channels());
  await waitUntil("the last unsubscription", async () => subscriptionsEnd({ ...city.ledger, channels: await channels() }).length === 0, UNSUBSCRIBED_WITHIN_MS).catch(() => {});
  city.ledger.keys = await city.keys();
  city.ledger.usage = city.usage();
}
