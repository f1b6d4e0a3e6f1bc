/** Who is there, in Redis: how many sockets each user has, and what others see of them. */
import { readFileSync } from "node:fs";
import { defineScript } from "redis";

/** For the client that `Presence` is given. */
export const presenceScripts = {
  leave: defineScript({
    SCRIPT: readFileSync(new URL("../../leave.lua", import.meta.url), "utf8"),
    NUMBER_OF_KEYS: 2,
    parseCommand(parser, tenantId, id) {
      parser.pushKeys([`sockets:${tenantId}`, `online:${tenantId}`]);
      parser.push(id);
    },
    transformReply: (reply) => reply,
  }),
};

export class Presence {
  #redis;

  constructor(redis) {
    this.#redis = redis;
  }

  /** One more socket; answers everybody who is there. */
  async join({ id, tenantId, name }) {
    const since = new Date().toISOString();
    const entry = { id, tenantId, name, kind: "tenant", lastSeenAt: null, portals: ["dashboard"], since };
    const [sockets, , entries] = await this.#redis
      .multi()
      .hIncrBy(`sockets:${tenantId}`, id, 1)
      .hSetNX(`online:${tenantId}`, id, JSON.stringify(entry))
      .hVals(`online:${tenantId}`)
      .exec();
    return { isFirst: sockets === 1, entry, users: entries.map((text) => JSON.parse(text)) };
  }

  /** One socket less; answers who has left when it was the last one. */
  async leave({ id, tenantId }) {
    const isGone = await this.#redis.leave(tenantId, id);
    return isGone === 1 ? { id, tenantId, lastSeenAt: new Date().toISOString() } : undefined;
  }
}
