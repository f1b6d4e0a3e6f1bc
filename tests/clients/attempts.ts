/** Connections that are begun and not carried on: of clients that broke down, and of those that mean harm. */
import { once } from "node:events";
import { request } from "node:http";
import WebSocket from "ws";
import { ask, handshake } from "./raw-polling.ts";

/** Opens one at a gateway and answers its sid. What it holds open, it leaves open. */
export type Attempt = (origin: string, cookie: string) => Promise<string>;

function pollUrl(origin: string, sid: string): string {
  return `${origin}/realtime/?EIO=4&transport=polling&sid=${sid}`;
}

async function webSocket(origin: string, sid?: string): Promise<WebSocket> {
  const socket = new WebSocket(`${origin.replace("http", "ws")}/realtime/?EIO=4&transport=websocket${sid === undefined ? "" : `&sid=${sid}`}`);
  socket.on("error", () => {});
  return socket;
}

async function openWebSocket(origin: string, answersPings: boolean): Promise<string> {
  const socket = await webSocket(origin);
  if (answersPings) socket.on("message", (packet: Buffer) => `${packet}` === "2" && socket.send("3"));
  const [hello] = (await once(socket, "message")) as [Buffer];
  return (JSON.parse(hello.toString().slice(1)) as { sid: string }).sid;
}

async function withWebSocket(origin: string, doing: (socket: WebSocket) => Promise<unknown>): Promise<string> {
  const sid = await handshake(origin);
  const socket = await webSocket(origin, sid);
  await once(socket, "open");
  await doing(socket);
  return sid;
}

/** Sends a request of which nobody waits for the end. */
async function begin(url: string, options: { method: string; headers?: Record<string, string> }, body = ""): Promise<void> {
  const begun = request(url, { ...options, agent: false }, (response) => response.resume()).on("error", () => {});
  begun.flushHeaders();
  begun.write(body);
  const [socket] = await once(begun, "socket");
  if (socket.connecting) await once(socket, "connect");
}

export const ATTEMPTS: Record<string, Attempt> = {
  "polling, then nothing": (origin) => handshake(origin),
  "polling, refused, then nothing": async (origin) => {
    const sid = await handshake(origin);
    await ask(pollUrl(origin, sid), { method: "POST", body: "40/tenant," });
    return sid;
  },
  "polling, joined, and a poll that never comes": async (origin, cookie) => {
    const sid = await handshake(origin, { cookie });
    await ask(pollUrl(origin, sid), { method: "POST", body: '40/tenant,{"portal":"dm"}' });
    return sid;
  },
  "polling, and a poll for nothing": async (origin) => {
    const sid = await handshake(origin);
    await begin(pollUrl(origin, sid), { method: "GET" });
    return sid;
  },
  "polling, and a POST without an end": async (origin) => {
    const sid = await handshake(origin);
    await begin(pollUrl(origin, sid), { method: "POST", headers: { "content-length": "60000" } }, "40/tenant,");
    return sid;
  },
  "polling, and a POST in chunks without an end": async (origin) => {
    const sid = await handshake(origin);
    await begin(pollUrl(origin, sid), { method: "POST", headers: { "transfer-encoding": "chunked" } }, "40/tenant,");
    return sid;
  },
  "a WebSocket that says nothing": (origin) => openWebSocket(origin, false),
  "a WebSocket that answers heartbeats and never joins": (origin) => openWebSocket(origin, true),
  "a probe without the upgrade": (origin) =>
    withWebSocket(origin, async (socket) => {
      socket.send("2probe");
      await once(socket, "message");
    }),
  "a second WebSocket without a probe": (origin) => withWebSocket(origin, async () => {}),
};
