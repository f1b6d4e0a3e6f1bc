/** Somebody at work: sends, resends, reads, reloads, loses the network, logs out. What they do is drawn from the seed. */
import type { Account } from "../stack/accounts.ts";
import { Login } from "../clients/login.ts";
import type { Portal } from "../clients/tab.ts";
import type { Transport } from "../clients/transport.ts";
import type { Ack, Message } from "../clients/wire.ts";
import { Device } from "./device.ts";
import { FaultProxy } from "./fault-proxy.ts";
import type { Ledger, Sent } from "./ledger.ts";
import { isStaff, markerOf } from "./population.ts";
import type { Random } from "./random.ts";

/** What every message starts with, so that a proxy knows its insertion when it sees one. */
export const SAYS = "says-";
/** Answers after which one tries again; any other is no answer to a message that is allowed. */
const LATER = new Set(["unavailable", "rate_limited", "session_expired", "unauthorized"]);

export type Surroundings = { origin: string; ledger: Ledger; people: Account[]; random: Random };

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export class User {
  readonly devices: Device[] = [];
  readonly #outbox = new Map<string, Sent>();
  readonly #settled: Sent[] = [];
  #login: Promise<Login> | undefined;
  #isWorking = false;
  #work: Promise<void> = Promise.resolve();
  #networkIsBack: Promise<unknown> = Promise.resolve();
  #said = 0;
  #opened = 0;

  private constructor(
    readonly account: Account,
    /** All that this user's devices send and receive goes through it. */
    readonly network: FaultProxy,
    private readonly around: Surroundings,
  ) {}

  static async settle(account: Account, around: Surroundings): Promise<User> {
    const { hostname, port } = new URL(around.origin);
    const user = new User(account, await FaultProxy.to(hostname, Number(port)), around);
    await user.#openDevice();
    if (around.random.chance(0.25)) await user.#openDevice();
    return user;
  }

  get id(): string {
    return this.account.id;
  }

  get isOnline(): boolean {
    return this.devices.some(({ isReady }) => isReady);
  }

  /** Messages for which there is no answer yet. */
  get unsettled(): readonly Sent[] {
    return [...this.#outbox.values()];
  }

  start(): void {
    this.#isWorking = true;
    this.#work = this.#workOn();
  }

  async rest(): Promise<void> {
    this.#isWorking = false;
    await this.#work;
    await this.#networkIsBack;
  }

  /** Tries all messages again that were not acknowledged. */
  async settleOutbox(): Promise<void> {
    await Promise.all(this.unsettled.map((sent) => this.#deliver(sent)));
  }

  /** Ends the session; the devices are told so. Unlike at work, nobody logs in again. */
  async logOut(): Promise<void> {
    const login = await this.#login;
    for (const device of this.devices) device.staysAway();
    await login?.logOut();
  }

  /** Closes all tabs. */
  leave(): void {
    for (const device of this.devices) device.close();
  }

  /** Vanishes: no byte of theirs arrives any more, and the gateway is not told. */
  vanish(): void {
    for (const direction of ["there", "back"] as const) this.network.loses.add(direction);
  }

  close(): void {
    this.leave();
    this.network.close();
  }

  async #workOn(): Promise<void> {
    const { random } = this.around;
    while (this.#isWorking) {
      await pause(random.between(150, 1_400));
      // Nobody waits for an answer: what is under way goes on while they do something else.
      this.#act(random.next()).catch(() => {});
    }
  }

  async #act(draw: number): Promise<void> {
    const { random } = this.around;
    const device = random.pick(this.devices);
    if (draw < 0.55) return this.#send();
    if (draw < 0.65) return this.settleOutbox();
    if (draw < 0.72) return this.#repeat();
    if (draw < 0.78) return this.#lookAround(device);
    if (draw < 0.9) return this.#mark(device);
    if (draw < 0.94) return device.reload();
    if (draw < 0.96) return device.drop();
    if (draw < 0.975) return this.#loseNetwork();
    if (draw < 0.985) return this.#secondTab();
    if (draw < 0.99) return (await this.#login)?.logOut();
  }

  async #send(): Promise<void> {
    const recipient = this.#somebody();
    this.#said += 1;
    const tenantId = this.account.tenantId ?? recipient.tenantId;
    const sent = {
      senderId: this.id,
      recipientId: recipient.id,
      clientMessageId: `${this.id}-${this.#said}`,
      body: `${SAYS}${markerOf(tenantId)} ${this.id} ${this.#said}`,
    };
    this.around.ledger.sent.push(sent);
    this.#outbox.set(sent.clientMessageId, sent);
    return this.#deliver(sent);
  }

  /** Says once more what was acknowledged long ago, maybe at another gateway. */
  async #repeat(): Promise<void> {
    if (this.#settled.length > 0) return this.#deliver(this.around.random.pick(this.#settled));
  }

  async #deliver(sent: Sent): Promise<void> {
    const { ledger, random } = this.around;
    const { recipientId: to, body, clientMessageId } = sent;
    const answer = await random.pick(this.devices).ask<Message>("message:send", { to, body, clientMessageId });
    if (answer?.ok) {
      ledger.acked.push({ senderId: this.id, clientMessageId, message: answer.data });
      if (this.#outbox.delete(clientMessageId)) this.#settled.push(sent);
    } else {
      this.#expect(`${clientMessageId} to ${to}`, answer);
    }
  }

  /** No answer, or a refusal for the time being, is weather; any other refusal is not. */
  #expect(what: string, answer: Ack<unknown> | undefined): void {
    if (answer && !answer.ok && !LATER.has(answer.error.code)) {
      this.around.ledger.stuck.push(`${this.id}, ${what}: ${answer.error.code}, ${answer.error.message}`);
    }
  }

  #somebody(): Account {
    const { people, random } = this.around;
    const others = people.filter(({ id }) => id !== this.id);
    if (isStaff(this.account)) return random.pick(others);
    const held = this.devices.flatMap((device) => device.messages);
    const wrote = new Set(held.map(({ senderId }) => senderId));
    // Staff can be answered, and not written to first.
    return random.pick(others.filter(({ id, tenantId }) => tenantId === this.account.tenantId || (tenantId === null && wrote.has(id))));
  }

  /** What an open panel asks for; the answers are searched for other tenants' markers. */
  async #lookAround(device: Device): Promise<void> {
    const peer = this.#peerOn(device);
    const [event, payload] = this.around.random.pick<[string, object]>([
      ["conversation:list", { limit: 20 }],
      ["user:search", { query: "Person" }],
      ["presence:list", { limit: 50 }],
      ...(peer === undefined ? [] : ([["message:history", { with: peer, limit: 20 }], ["typing", { to: peer, typing: true }]] as [string, object][])),
    ]);
    this.#expect(event, await device.ask<unknown>(event, payload));
  }

  async #mark(device: Device): Promise<void> {
    const { ledger, random } = this.around;
    const [conversationId, held] = random.pick([...device.held.entries(), ["", new Map<number, Message>()] as const]);
    const peer = conversationId.split(":").slice(1).find((id) => id !== this.id);
    if (peer === undefined) return;
    const kind = random.pick(["read", "delivered"] as const);
    const { connection } = device;
    // Now and then beyond the end, which is to be clamped.
    const upToSeq = Math.max(...held.keys()) + (random.chance(0.1) ? 1_000 : 0);
    const answer = await device.ask<{ upToSeq: number }>(`message:${kind}`, { with: peer, upToSeq });
    this.#expect(`message:${kind}`, answer);
    if (answer?.ok) ledger.marks.push({ connection, conversationId, by: this.id, kind, upToSeq: answer.data.upToSeq, isPush: false });
  }

  #peerOn(device: Device): string | undefined {
    const [message] = [...device.held.values()].flatMap((held) => [...held.values()].slice(0, 1));
    return message && (message.senderId === this.id ? message.recipientId : message.senderId);
  }

  async #loseNetwork(): Promise<void> {
    this.vanish();
    const isBack = pause(this.around.random.between(500, 5_000)).then(() => this.network.heal());
    // A second loss may begin before the first has ended.
    this.#networkIsBack = Promise.all([this.#networkIsBack, isBack]);
    return isBack;
  }

  async #secondTab(): Promise<void> {
    if (this.devices.length < 2) await this.#openDevice();
    else this.devices.pop()?.close();
  }

  async #openDevice(): Promise<void> {
    const { random, people, ledger } = this.around;
    const number = (this.#opened += 1);
    const login = await (this.#login ??= this.#logIn());
    const watches = isStaff(this.account) ? people.map(({ id }) => id) : [];
    const portal = isStaff(this.account) ? "manage" : random.pick<Portal>(["dashboard", "dm"]);
    const transport = random.pick<Transport>(["websocket", "polling", "upgrade"]);
    const url = `http://127.0.0.1:${this.network.port}`;
    const name = `${this.id}#${number} (${transport})`;
    this.devices.push(new Device(login, { name, url, portal, transport, watches, ledger, loginAgain: (old) => this.#logInAgain(old) }));
  }

  /** All devices share the cookie: whoever finds the session ended first logs in for all of them. */
  async #logInAgain(old: Login): Promise<Login> {
    if ((await this.#login) === old) this.#login = this.#logIn();
    return this.#login!;
  }

  async #logIn(): Promise<Login> {
    for (;;) {
      try {
        return await Login.as(this.account, this.around.origin);
      } catch {
        await pause(500);
      }
    }
  }
}
