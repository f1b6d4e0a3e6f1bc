/** What is promised of ends: each has a cause, and is told by the code that belongs to it. */
import type { Ending, Ledger } from "../ledger.ts";

/** What CONNECT_ERROR may say when a session is gone. */
const NO_SESSION = new Set<unknown>(["unauthorized", "session_expired"]);
/** A WebSocket that the gateway closes has no code in its frame (1005); one that was cut has no frame (1006). */
const CLOSE_CODES = new Set<unknown>([undefined, 1005, 1006]);
/** The last is the device's own doing. */
const LINK_ENDS = new Set(["transport close", "transport error", "ping timeout", "forced close"]);
/** Faults that are told with the evidence. */
const RECENT_MS = 5_000;
const REDIS_EMPTIED = "redis-emptied";

/** Why a session is gone at a time; undefined: it is not. */
function endOfSession({ sessions, weather }: Ledger, id: string, at: number): string | undefined {
  const session = sessions.find((known) => known.id === id);
  if (!session) return undefined;
  if (session.loggedOutAt !== undefined && session.loggedOutAt <= at) return "logged out";
  return weather.some(({ kind, from, until }) => kind === REDIS_EMPTIED && session.askedAt <= until && from <= at) ? REDIS_EMPTIED : undefined;
}

function faultOf(ledger: Ledger, ending: Ending): string | undefined {
  const { at, kind, reason, code, session } = ending;
  const hasNoSession = endOfSession(ledger, session, at) !== undefined;
  if (kind === "session:expired") {
    if (code !== "revoked") return "by another reason than that the session went";
    return hasNoSession ? undefined : "while its session was there";
  }
  if (kind === "connect_error") {
    if (code === undefined || code === "unavailable") return ledger.weather.some(({ from }) => from <= at) ? undefined : "before there was any fault";
    if (!NO_SESSION.has(code)) return "by a code that nobody here earns";
    return hasNoSession ? undefined : "while its session was there";
  }
  if (reason === "io server disconnect") return hasNoSession ? undefined : "while its session was there";
  if (!LINK_ENDS.has(reason)) return "in a way that no network causes";
  return CLOSE_CODES.has(code) ? undefined : "by a close code of a broken protocol";
}

/** Nobody is sent away, refused or cut without a cause. */
export function endsHaveCauses(ledger: Ledger): string[] {
  return ledger.endings.flatMap((ending) => {
    const fault = faultOf(ledger, ending);
    if (fault === undefined) return [];
    const session = ledger.sessions.find(({ id }) => id === ending.session);
    const age = session ? `asked for ${ending.at - session.askedAt} ms before` : "unknown";
    const weather = ledger.weather.filter(({ until }) => until >= ending.at - RECENT_MS).map(({ kind, from }) => `${kind} (${ending.at - from} ms before)`);
    return [`${ending.connection}: ${ending.kind} (${ending.reason}, ${ending.code}) ${fault}, which was ${age}; weather: ${weather.join(", ")}`];
  });
}

/** A gateway ends when it is told to, and one that drains ends well. */
export function gatewaysEndWhenTold({ gatewayEndings }: Ledger): string[] {
  return gatewayEndings.flatMap(({ gateway, told, code, how }) => {
    if (told === null) return [`${gateway} ended by itself: ${how}`];
    return told === "SIGTERM" && code !== 0 ? [`${gateway} was told to drain and ended otherwise: ${how}`] : [];
  });
}
