/** Long polling by hand: requests of one connection, sent to whichever instance one likes. */
import { Agent, request } from "node:http";
import type { Login } from "./login.ts";

export type Answer = { status: number; body: string; headers: NodeJS.Dict<string | string[]>; tookMs: number };

export class PollingLink {
  private constructor(
    readonly sid: string,
    private readonly login: Login,
  ) {}

  /** A handshake at an instance. */
  static async open(url: string, login: Login): Promise<PollingLink> {
    const answer = await send(url, "", login.cookie, "GET");
    if (answer.status !== 200) throw new Error(`handshake: ${answer.status} ${answer.body}`);
    const { sid } = JSON.parse(answer.body.slice(1)) as { sid: string };
    return new PollingLink(sid, login);
  }

  poll(url: string, { cookie = this.login.cookie, signal }: { cookie?: string; signal?: AbortSignal } = {}): Promise<Answer> {
    return send(url, this.sid, cookie, "GET", { signal });
  }

  post(url: string, body: string, headers: Record<string, string> = {}): Promise<Answer> {
    return send(url, this.sid, this.login.cookie, "POST", { body, headers });
  }
}

type Extras = { body?: string; headers?: Record<string, string>; signal?: AbortSignal | undefined };

// A link of its own for each request: two of them must not wait for each other.
const agent = new Agent({ keepAlive: false });

function send(url: string, sid: string, cookie: string, method: string, extras: Extras = {}): Promise<Answer> {
  const startedAt = performance.now();
  const target = `${url}/realtime/?EIO=4&transport=polling${sid ? `&sid=${sid}` : ""}`;
  return new Promise((resolve, reject) => {
    const headers = { ...(cookie ? { cookie } : {}), "content-type": "text/plain;charset=UTF-8", ...extras.headers };
    const sent = request(target, { method, agent, headers, ...(extras.signal ? { signal: extras.signal } : {}) }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (body += part));
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, body, headers: response.headers, tookMs: performance.now() - startedAt });
      });
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(extras.body);
  });
}
