/** Bare HTTP requests below a raw link: one poll after the other, one POST at a time. */
import { request as httpRequest, Agent, type IncomingHttpHeaders } from "node:http";
import type { Carrier, Receiver } from "./raw-link.ts";

export type Answer = { status: number; headers: IncomingHttpHeaders; text: string };
export type Asked = { method?: string; headers?: Record<string, string>; body?: string; agent?: Agent; signal?: AbortSignal };

export async function ask(url: string, { method = "GET", headers = {}, body, agent, signal }: Asked = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers, ...(agent ? { agent } : {}), ...(signal ? { signal } : {}) }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() }));
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** Opens a connection; answers its sid. */
export async function handshake(origin: string, headers: Record<string, string> = {}, agent?: Agent): Promise<string> {
  const { status, text } = await ask(`${origin}/realtime/?EIO=4&transport=polling`, { headers, ...(agent ? { agent } : {}) });
  if (status !== 200) throw new Error(`the handshake was answered ${status} ${text}`);
  return (JSON.parse(text.slice(1)) as { sid: string }).sid;
}

export async function rawPolling(origin: string, cookie: string, receiver: Receiver): Promise<Carrier> {
  const agent = new Agent({ keepAlive: true });
  const stop = new AbortController();
  const sid = await handshake(origin, { cookie }, agent);
  const url = `${origin}/realtime/?EIO=4&transport=polling&sid=${sid}`;
  const asked = { agent, headers: { cookie }, signal: stop.signal };
  const end = (why: string) => {
    stop.abort();
    agent.destroy();
    receiver.onClose(why);
  };

  void (async () => {
    while (!stop.signal.aborted) {
      const { status, text } = await ask(url, asked);
      if (status !== 200) return end(`${status} ${text}`);
      for (const packet of text.split("\x1e")) {
        if (packet === "1") return end("told to");
        receiver.onPacket(packet);
      }
    }
  })().catch((error: Error) => end(error.message));

  let posting = Promise.resolve();
  const post = async (packet: string) => {
    if (stop.signal.aborted) return;
    const { status, text } = await ask(url, { ...asked, method: "POST", body: packet });
    if (status !== 200) end(`${status} ${text}`);
  };
  const send = (packet: string | Buffer) => {
    const text = typeof packet === "string" ? packet : `b${packet.toString("base64")}`;
    posting = posting.then(() => post(text)).catch((error: Error) => end(error.message));
  };
  return { send, close: () => end("by ourselves") };
}
