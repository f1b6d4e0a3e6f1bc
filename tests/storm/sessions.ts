/** Many logins at once: sessions as the API would store them, written straight into Redis. */
import { createHmac, randomBytes } from "node:crypto";
import type { Redis } from "../stack/redis.ts";
import { SESSION_SECRET } from "../stack/stack.ts";

export type StormUser = { id: string; tenantId: string; cookie: string };

const HOUR_MS = 3_600_000;

function signed(sid: string): string {
  const signature = createHmac("sha256", SESSION_SECRET).update(sid).digest("base64").replace(/=+$/, "");
  return `sessionId=${encodeURIComponent(`${sid}.${signature}`)}`;
}

/** Users who are logged in, spread evenly over the tenants: two neighbours live in one, and are at different gateways. */
export async function logInMany(redis: Redis, count: number, tenants: string[]): Promise<StormUser[]> {
  const commands: string[] = [];
  const users = Array.from({ length: count }, (_, at) => {
    const tenantId = tenants[Math.floor(at / 2) % tenants.length] ?? "";
    const id = `u${at}-${randomBytes(4).toString("hex")}`;
    const sid = randomBytes(24).toString("base64url");
    const user = { id, tenantId, name: `User number ${at}`, role: "member" };
    const cookie = { originalMaxAge: HOUR_MS, expires: new Date(Date.now() + HOUR_MS).toISOString() };
    const json = JSON.stringify({ cookie, user }).replaceAll('"', '\\"');
    commands.push(`SET sess:${sid} "${json}" PX ${HOUR_MS}`);
    return { id, tenantId, cookie: signed(sid) };
  });
  await redis.askAll(commands);
  return users;
}
