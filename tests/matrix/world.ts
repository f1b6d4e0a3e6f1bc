/**
 * Three tenants and the staff, in every relation to each other that there is, and in each a link that writes down what it receives.
 *
 * Names, texts and ids carry a mark of the realm that they belong to, so that a byte which has gone astray can be told from any other.
 */
import { randomBytes } from "node:crypto";
import type { Login } from "../clients/login.ts";
import type { RawLink } from "../clients/raw-link.ts";
import type { Scene } from "../clients/scene.ts";
import { StoredSession } from "../clients/stored-session.ts";
import type { Portal } from "../clients/tab.ts";
import type { Message } from "../clients/wire.ts";
import { waitUntil } from "../stack/wait-until.ts";
import { joined, namespaceOf } from "./joined.ts";

export type Realm = "acme" | "globex" | "initech" | "staff";

export type Person = {
  /** What they are called in this story; not sent anywhere. */
  role: string;
  realm: Realm;
  id: string;
  tenantId: string | null;
  name: string;
  portal: Portal;
  login: Login;
  /** Absent: they were there once, and have left. */
  link: RawLink | undefined;
};

/** Everybody, the portal that they have open, and whether they stay. */
const CAST = {
  dashboard: ["acme", "dashboard"],
  dm: ["acme", "dm"],
  colleague: ["acme", "dm"],
  goneColleague: ["acme", "dashboard", "leaves"],
  otherColleague: ["acme", "dashboard"],
  foreigner: ["globex", "dashboard"],
  otherForeigner: ["globex", "dm"],
  goneForeigner: ["globex", "dm", "leaves"],
  twinHere: ["acme", "dashboard"],
  twinThere: ["globex", "dm"],
  foreignTwin: ["globex", "dashboard"],
  otherForeignTwin: ["initech", "dashboard"],
  manage: ["staff", "manage"],
  staffWhoWrote: ["staff", "manage"],
  silentStaff: ["staff", "manage"],
  otherSilentStaff: ["staff", "manage"],
} as const satisfies Record<string, readonly [Realm, Portal, "leaves"?]>;

export type Role = keyof typeof CAST;

/** Pairs whose ids are one and the same text, in two tenants. */
const TWINS: readonly (readonly [Role, Role])[] = [["twinHere", "twinThere"], ["foreignTwin", "otherForeignTwin"]];

/** Who has something to hide from whom: what they say to each other stands in messages before anybody asks. */
const PRIVATE: readonly (readonly [Role, Role])[] = [
  ["colleague", "otherColleague"],
  ["foreigner", "otherForeigner"],
  ["twinThere", "foreigner"],
  ["foreignTwin", "otherForeigner"],
  ["silentStaff", "otherSilentStaff"],
  ["silentStaff", "foreigner"],
  ["staffWhoWrote", "dashboard"],
  ["staffWhoWrote", "dm"],
];

export class World {
  readonly #left: RawLink[] = [];

  private constructor(
    readonly scene: Scene,
    readonly people: Record<Role, Person>,
    /** One conversation each, in the order of `PRIVATE`. */
    readonly messages: Message[],
  ) {}

  static async build(scene: Scene): Promise<World> {
    const [acme, globex, initech] = [await scene.tenant(), await scene.tenant(), await scene.tenant()];
    const tenants: Record<Realm, string | null> = { acme, globex, initech, staff: null };
    const entries = await Promise.all(
      (Object.keys(CAST) as Role[]).map(async (role) => {
        const [realm, portal] = CAST[role];
        const tenantId = tenants[realm];
        const name = `${role} ${realm}-${randomBytes(4).toString("hex")}`;
        const account = tenantId === null ? await scene.staff(name) : await scene.member(tenantId, name);
        const login = await scene.logIn(account);
        return [role, { role, realm, id: account.id, tenantId, name, portal, login, link: undefined } satisfies Person] as const;
      }),
    );
    const people = Object.fromEntries<Person>(entries) as Record<Role, Person>;
    for (const [one, other] of TWINS) {
      people[other].id = people[one].id;
      await new StoredSession(scene.stack.redis, people[other].login).change(({ user }) => void (user.id = people[one].id));
    }
    const world = new World(scene, people, []);
    // One after the other, as they stand: the last twin that came is the one whom staff find.
    for (const role of Object.keys(CAST) as Role[]) {
      const person = people[role];
      person.link = await joined(person.login, person.portal, scene.transport, scene.stack.gateway(isCaller(role) ? 0 : 1).url);
      if (CAST[role][2] === "leaves") {
        person.link.send(`41${namespaceOf(person.portal)},`);
        world.#left.push(person.link);
        person.link = undefined;
      }
    }
    for (const [from, to] of PRIVATE) world.messages.push(await world.say(people[from], people[to]));
    await Promise.all([world.untilGone(people.goneColleague, people.colleague), world.untilGone(people.goneForeigner, people.foreigner)]);
    return world;
  }

  /** Sends a message that carries the marks of both. */
  async say(from: Person, to: Person): Promise<Message> {
    const body = `${from.name} whispers to ${to.name}`;
    const payload = { to: to.id, body, clientMessageId: crypto.randomUUID() };
    const answer = await linkOf(from).emit<Message>(namespaceOf(from.portal), "message:send", payload);
    if (!answer.ok) throw new Error(`${from.role} to ${to.role}: ${answer.error.message}`);
    return answer.data;
  }

  /** Until a colleague has been told that somebody is offline. */
  async untilGone(gone: Person, witness: Person): Promise<void> {
    const isTold = (frame: string) => frame.startsWith('42/tenant,["presence:diff"') && (frame.split('"offline":')[1] ?? "").includes(gone.id);
    await waitUntil(`${gone.role} being offline`, async () => linkOf(witness).frames.some(isTold));
  }

  /** Everybody of one realm. */
  of(realm: Realm): Person[] {
    return Object.values(this.people).filter((person) => person.realm === realm);
  }

  close(): void {
    for (const link of [...this.#left, ...Object.values(this.people).map(({ link }) => link)]) link?.close();
  }
}

/** Callers are at one gateway, whom they ask about at the other. */
export function isCaller(role: string): boolean {
  return role === "dashboard" || role === "dm" || role === "manage";
}

export function linkOf({ role, link }: Person): RawLink {
  if (!link) throw new Error(`${role} has left`);
  return link;
}
