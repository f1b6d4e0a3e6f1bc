/** What is promised of what remains. */
import type { GatewayUsage, Ledger, Usage } from "../ledger.ts";

/** One each for commands, subscriptions and publishing; the last is opened by the first message. */
const REDIS_LINKS = 3;
/** Links that a pool may have opened since it was measured empty: its own, never more. */
const POOL = 8;
/** Files beyond links: a log that was opened, a socket that is being closed. */
const FILES_ALLOWED = 8;
/** Of a short run: allocators and pools go on settling in. */
const MEMORY_ALLOWED_MB = 6;
const MEMORY_SHARE = 1.2;

/** `storage.md` names these, and each of them ends by itself. */
const DOCUMENTED = /^rt:(tenants|instance:[^:]+|\{[^}]+\}:(online|instances|grace|last|m:.+))$/;
/** Followed by every gateway, whoever is there. */
const STANDING = /^rt:(control|echo:[0-9a-f]{32})$/;

/** When all have left, nobody's links and files are still held. */
export function linksAreGivenBack({ usage }: Ledger): string[] {
  return usage.flatMap(({ gateway, empty, left }: GatewayUsage) => {
    const links = Math.max(left.postgresLinks - Math.max(empty.postgresLinks, POOL), 0);
    const faults: [keyof Usage, boolean][] = [
      ["redisLinks", left.redisLinks > Math.max(empty.redisLinks, REDIS_LINKS)],
      ["postgresLinks", links > 0],
      ["files", left.files > empty.files + POOL + FILES_ALLOWED],
    ];
    return faults.flatMap(([what, isLeak]) => (isLeak ? [`${gateway} holds ${left[what]} ${what} when all have left, ${empty[what]} before anybody came`] : []));
  });
}

/** When all have left, no channel of theirs is subscribed to. */
export function subscriptionsEnd({ channels }: Ledger): string[] {
  return channels.filter((channel) => channel.startsWith("rt:") && !STANDING.test(channel)).map((channel) => `${channel} is still subscribed to`);
}

/** Every key of ours is a documented one and ends by itself. */
export function keysEnd({ keys }: Ledger): string[] {
  return keys.flatMap(({ key, ttlMs, type }) => {
    if (!DOCUMENTED.test(key)) return [`${key} (${type}) is not documented`];
    return ttlMs > 0 ? [] : [`${key} (${type}) would stay for ever`];
  });
}

/** A gateway that lived through it all has not grown. */
export function memoryStays({ memory }: Ledger): string[] {
  return memory
    .filter(({ first, last }) => last > first * MEMORY_SHARE + MEMORY_ALLOWED_MB)
    .map(({ gateway, first, last }) => `${gateway} grew from ${first.toFixed(0)} to ${last.toFixed(0)} MB`);
}
