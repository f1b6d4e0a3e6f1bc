/** Requests and frames, written out. */
import { randomBytes } from "node:crypto";
import { Dial } from "./dial.ts";

export const POLLING = "/realtime/?EIO=4&transport=polling";
export const WEBSOCKET = "/realtime/?EIO=4&transport=websocket";

/** A head; its lines are joined as they are. */
export function head(method: string, path: string, ...lines: string[]): string {
  return [`${method} ${path} HTTP/1.1`, "host: gateway", ...lines, "", ""].join("\r\n");
}

export function upgradeHead(path: string, ...lines: string[]): string {
  const key = `sec-websocket-key: ${randomBytes(16).toString("base64")}`;
  return head("GET", path, "connection: Upgrade", "upgrade: websocket", "sec-websocket-version: 13", key, ...lines);
}

export const TEXT = 1;
export const BINARY = 2;
export const CONTINUATION = 0;
export const PING = 9;
export const PONG = 10;

export type FrameOptions = { opcode?: number; isLast?: boolean; declared?: bigint };

/** A client's frame, masked with zeros. It may declare another length than it has. */
export function frame(payload: string | Buffer, { opcode = TEXT, isLast = true, declared }: FrameOptions = {}): Buffer {
  const bytes = Buffer.from(payload as string);
  const length = declared ?? BigInt(bytes.length);
  const start = Buffer.alloc(length < 126n ? 2 : length < 65_536n ? 4 : 10);
  start[0] = (isLast ? 0x80 : 0) | opcode;
  if (length < 126n) start[1] = 0x80 | Number(length);
  else if (length < 65_536n) {
    start[1] = 0x80 | 126;
    start.writeUInt16BE(Number(length), 2);
  } else {
    start[1] = 0x80 | 127;
    start.writeBigUInt64BE(length, 2);
  }
  return Buffer.concat([start, Buffer.alloc(4), bytes]);
}

export async function openWebSocket(origin: string, cookie = ""): Promise<Dial> {
  const dial = await Dial.to(origin);
  dial.write(upgradeHead(WEBSOCKET, ...(cookie ? [`cookie: ${cookie}`] : [])));
  if (!(await dial.until('"sid":"'))) throw new Error(`no WebSocket: ${dial.received.slice(0, 200)}`);
  return dial;
}

export async function joinedWebSocket(origin: string, cookie: string): Promise<Dial> {
  const dial = await openWebSocket(origin, cookie);
  dial.write(frame('40/tenant,{"portal":"dashboard"}'));
  if (!(await dial.until("presence:snapshot"))) throw new Error(`not joined: ${dial.received.slice(0, 300)}`);
  return dial;
}

/** What an answer says: its status, and the protocol's code if there is one. */
export function answerIn(received: string): string {
  const status = /^HTTP\/1\.1 (\d+)/.exec(received)?.[1] ?? "no answer";
  const code = /\{"code":("?\w+"?)/.exec(received)?.[1];
  return code === undefined ? status : `${status} code ${code.replaceAll('"', "")}`;
}

/** Sends one request by itself; answers what was answered, or that the link was closed without an answer. */
export async function asked(origin: string, request: string | Buffer): Promise<string> {
  const dial = await Dial.to(origin);
  dial.write(request);
  // A body follows its head at once.
  await dial.until(/\r\n\r\n/);
  const length = Number(/content-length: (\d+)/i.exec(dial.received)?.[1] ?? 0);
  await dial.until(new RegExp(`\r\n\r\n[^]{${length}}`));
  const answer = answerIn(dial.received);
  dial.close();
  return answer;
}

/** A polling connection; answers its sid. */
export async function openPolling(origin: string, cookie = ""): Promise<string> {
  const dial = await Dial.to(origin);
  dial.write(head("GET", POLLING, ...(cookie ? [`cookie: ${cookie}`] : [])));
  await dial.until("}");
  dial.close();
  const sid = /"sid":"([^"]+)"/.exec(dial.received)?.[1];
  if (sid === undefined) throw new Error(`no connection: ${dial.received.slice(0, 200)}`);
  return sid;
}
