/** Whose session a cookie names: `sessionId=<sid>.<signature>`, and the session itself in Redis. */
import { createHmac, timingSafeEqual } from "node:crypto";

const COOKIE = /(?:^|;\s*)sessionId=([^;]+)/;

export class Sessions {
  #redis;
  #secret;

  constructor(redis, secret) {
    this.#redis = redis;
    this.#secret = secret;
  }

  async userOf(cookies = "") {
    const value = decodeURIComponent(COOKIE.exec(cookies)?.[1] ?? "");
    const at = value.lastIndexOf(".");
    const [sid, signature] = [value.slice(0, at), value.slice(at + 1)];
    if (at < 0 || !this.#isSigned(sid, signature)) return undefined;
    const stored = await this.#redis.get(`sess:${sid}`);
    const { cookie, user } = stored === null ? {} : JSON.parse(stored);
    return user && Date.parse(cookie.expires) > Date.now() ? user : undefined;
  }

  #isSigned(sid, signature) {
    const expected = createHmac("sha256", this.#secret).update(sid).digest("base64").replace(/=+$/, "");
    return expected.length === signature.length && timingSafeEqual(Buffer.from(expected), Buffer.from(signature));
  }
}
