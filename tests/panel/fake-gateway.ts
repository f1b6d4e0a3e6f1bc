/**
 * A gateway that does as a test says, for what a real one does rarely or slowly: ten thousand people online, a conversation of fifty
 * thousand messages, a refused handshake. It speaks through the reference server, and serves the panel as it was built.
 */
import { readFileSync } from "node:fs";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Server, type Namespace, type Socket } from "socket.io";
import { repository } from "../stack/repository.ts";

export type Person = { id: string; tenantId: string | null; name: string; kind: "tenant" | "manage"; lastSeenAt: string | null };
export type Message = {
  id: string; conversationId: string; seq: number; tenantId: string | null; senderId: string; recipientId: string; body: string;
  clientMessageId: string; createdAt: string;
};
export type Marks = { myReadSeq: number; peerReadSeq: number; peerDeliveredSeq: number };

const CONTENT_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'";

export const self: Person = { id: "me", tenantId: "acme", name: "Alice Archer", kind: "tenant", lastSeenAt: null };

export class FakeGateway {
  /** Everybody there is. */
  readonly people = new Map<string, Person>();
  readonly online = new Set<string>();
  /** By peer, ascending. */
  readonly messages = new Map<string, Message[]>();
  readonly marks = new Map<string, Marks>();
  /** What clients have asked, in order. */
  readonly asked: { event: string; payload: any }[] = [];
  /** Answers instead of the usual; `undefined` is as usual, null is silence, a promise is patience. */
  answer: (event: string, payload: any) => unknown = () => undefined;
  /** Refuses a CONNECT with that code. */
  refuseWith: string | undefined;
  /** How many were refused. */
  refusals = 0;
  /** The portal of every socket, in order. */
  readonly portals: string[] = [];
  self: Person = self;
  mode: "all" | "watch" = "all";
  bodyMax = 4_000;
  readonly #http: HttpServer;
  readonly #io: Server;
  readonly namespace: Namespace;

  private constructor(http: HttpServer, portal: string, page: string) {
    this.#http = http;
    this.#io = new Server(http, { path: "/realtime", serveClient: false });
    this.namespace = this.#io.of(portal === "manage" ? "/manage" : "/tenant");
    this.namespace.use((_socket, next) => {
      if (this.refuseWith === undefined) return next();
      this.refusals += 1;
      next(Object.assign(new Error("refused"), { data: { code: this.refuseWith } }));
    });
    this.namespace.on("connection", (socket) => this.#welcome(socket));
    http.on("request", (request, response) => {
      if (request.url === "/panel.js") {
        response.setHeader("content-type", "text/javascript; charset=utf-8");
        response.end(readFileSync(join(repository, "gateway/panel/dist/panel.js")));
      } else if (!request.url?.startsWith("/realtime")) {
        response.setHeader("content-security-policy", CONTENT_POLICY);
        response.setHeader("content-type", "text/html; charset=utf-8");
        response.end(page);
      }
    });
  }

  static async start({ portal = "dashboard", attributes = "", language = "en", direction = "ltr" } = {}): Promise<FakeGateway> {
    const page = `<!doctype html><html lang="${language}" dir="${direction}"><head><meta charset="utf-8"><title>Portal</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"></head>
<body><main><h1>Portal</h1></main><script type="module" src="/panel.js"></script>
<realtime-chat portal="${portal}" ${attributes}></realtime-chat></body></html>`;
    const http = createServer();
    const gateway = new FakeGateway(http, portal, page);
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    return gateway;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    await this.#io.close();
    this.#http.closeAllConnections();
  }

  add(id: string, name: string, { isOnline = false, lastSeenAt = null as string | null, tenantId = "acme" as string | null } = {}): void {
    this.people.set(id, { id, tenantId, name, kind: tenantId === null ? "manage" : "tenant", lastSeenAt });
    if (isOnline) this.online.add(id);
  }

  /** Writes a message down without telling anybody. */
  write(peerId: string, senderId: string, body: string, createdAt = new Date(), clientMessageId?: string): Message {
    const held = this.messages.get(peerId) ?? [];
    const seq = held.length + 1;
    const message: Message = {
      id: `${peerId}-${seq}`, conversationId: this.conversationId(peerId), seq, tenantId: "acme", senderId,
      recipientId: senderId === peerId ? this.self.id : peerId, body, clientMessageId: clientMessageId ?? `${peerId}-${seq}`,
      createdAt: createdAt.toISOString(),
    };
    held.push(message);
    this.messages.set(peerId, held);
    return message;
  }

  conversationId(peerId: string): string {
    return `acme:${[this.self.id, peerId].sort().join(":")}`;
  }

  /** Writes a message of the peer's and delivers it. */
  say(peerId: string, body: string): Message {
    const message = this.write(peerId, peerId, body);
    this.namespace.emit("message:new", message);
    return message;
  }

  onlineUser(id: string) {
    const person = this.people.get(id) ?? this.self;
    return { ...person, portals: ["dashboard"], since: "2026-11-24T08:00:00.000Z" };
  }

  mark(peerId: string): Marks {
    const marks = this.marks.get(peerId) ?? { myReadSeq: 0, peerReadSeq: 0, peerDeliveredSeq: 0 };
    this.marks.set(peerId, marks);
    return marks;
  }

  unread(peerId: string): number {
    const { myReadSeq } = this.mark(peerId);
    return (this.messages.get(peerId) ?? []).filter(({ seq, senderId }) => seq > myReadSeq && senderId === peerId).length;
  }

  #welcome(socket: Socket): void {
    this.portals.push(socket.handshake.auth.portal);
    const users = [self.id, ...this.online].map((id) => this.onlineUser(id));
    const unreadTotal = [...this.messages.keys()].reduce((sum, peerId) => sum + this.unread(peerId), 0);
    const presence = { mode: this.mode, online: users.length };
    socket.emit("session:ready", { self: this.self, portal: "dashboard", serverTime: new Date().toISOString(), unreadTotal, presence, limits: { bodyMax: this.bodyMax } });
    socket.emit("presence:snapshot", { users: this.mode === "all" ? users : users.slice(0, 100), online: users.length, complete: this.mode === "all" });
    socket.onAny(async (event: string, payload: any, ack?: (reply: unknown) => void) => {
      this.asked.push({ event, payload });
      const told = await this.answer(event, payload);
      if (told === null) return;
      ack?.(told ?? { ok: true, data: this.#usual(event, payload) });
    });
  }

  #usual(event: string, payload: any): unknown {
    const held = this.messages.get(payload.with ?? payload.to) ?? [];
    switch (event) {
      case "message:send":
        return held.find(({ clientMessageId }) => clientMessageId === payload.clientMessageId)
          ?? this.write(payload.to, this.self.id, payload.body, new Date(), payload.clientMessageId);
      case "message:history": {
        const { beforeSeq = Number.MAX_SAFE_INTEGER, afterSeq = 0, limit = 50 } = payload;
        const within = held.slice(afterSeq, Math.min(held.length, beforeSeq - 1));
        return { messages: within.slice(-limit), hasMore: within.length > limit };
      }
      case "message:read":
        this.mark(payload.with).myReadSeq = payload.upToSeq;
        return { upToSeq: payload.upToSeq, unread: this.unread(payload.with) };
      case "conversation:list": {
        const conversations = [...this.messages].map(([peerId, messages]) => ({
          conversationId: this.conversationId(peerId), peer: this.people.get(peerId), lastMessage: messages.at(-1) ?? null,
          unread: this.unread(peerId), ...this.mark(peerId),
        }));
        return { conversations, nextCursor: null };
      }
      case "sync": {
        const messages = [...this.messages].flatMap(([peerId, all]) => {
          const since = payload.since[this.conversationId(peerId)];
          return since === undefined ? all.filter(({ createdAt }) => createdAt > payload.others) : all.filter(({ seq }) => seq > since);
        });
        return { messages, reads: {}, hasMore: false };
      }
      case "presence:list": {
        const all = [...this.online].filter((id) => payload.tenantId === undefined || this.people.get(id)?.tenantId === payload.tenantId);
        const from = Number(payload.cursor ?? 0);
        const end = from + (payload.limit ?? 100);
        return { users: all.slice(from, end).map((id) => this.onlineUser(id)), online: this.online.size + 1, nextCursor: end < all.length ? String(end) : null };
      }
      case "presence:tenants": {
        const counts = new Map<string, number>();
        for (const id of this.online) {
          const { tenantId } = this.people.get(id) as Person;
          if (tenantId !== null) counts.set(tenantId, (counts.get(tenantId) ?? 0) + 1);
        }
        const tenants = [...counts].map(([tenantId, online]) => ({ tenantId, online }));
        const end = Number(payload.cursor ?? 0) + payload.limit;
        return { tenants: tenants.slice(end - payload.limit, end), nextCursor: end < tenants.length ? String(end) : null };
      }
      case "presence:watch":
        return { users: payload.userIds.filter((id: string) => this.online.has(id)).map((id: string) => this.onlineUser(id)) };
      case "user:search":
        return { users: [...this.people.values()].filter(({ name }) => name.toLowerCase().includes(payload.query.toLowerCase())).slice(0, payload.limit) };
      default:
        return {};
    }
  }
}
