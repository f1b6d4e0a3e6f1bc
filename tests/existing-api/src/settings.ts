export type Settings = {
  host: string;
  port: number;
  databaseUrl: string;
  redisUrl: string;
  /** The first signs, the others are still accepted. */
  sessionSecrets: string[];
  sessionTtlSeconds: number;
  emitterKey: string;
};

export class SettingsError extends Error {}

/** @fastify/session refuses shorter ones. */
const SECRET_MIN_LENGTH = 32;

export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const faults: string[] = [];
  const text = (name: string, fallback = "") => environment[name]?.trim() || fallback;

  const integer = (name: string, fallback: number, min: number, max: number) => {
    const raw = text(name, String(fallback));
    const value = Number(raw);
    if (!/^\d+$/.test(raw) || value < min || value > max) faults.push(`${name} must be a number from ${min} to ${max}`);
    return value;
  };
  const url = (name: string, protocols: string[], example: string) => {
    const value = text(name);
    if (!value) faults.push(`${name} is not set, e.g. ${example}`);
    else if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol)) {
      faults.push(`${name} is no such address, e.g. ${example}`);
    }
    return value;
  };

  const settings: Settings = {
    host: text("HOST", "127.0.0.1"),
    port: integer("PORT", 3000, 0, 65_535),
    databaseUrl: url("DATABASE_URL", ["postgres:", "postgresql:"], "postgresql://user@127.0.0.1:5432/platform"),
    redisUrl: url("REDIS_URL", ["redis:", "rediss:"], "redis://127.0.0.1:6379"),
    sessionSecrets: text("SESSION_SECRET").split(",").map((secret) => secret.trim()).filter(Boolean),
    sessionTtlSeconds: integer("SESSION_TTL_SECONDS", 3600, 1, 31_536_000),
    emitterKey: text("EMITTER_KEY", "socket.io"),
  };
  if (settings.sessionSecrets.length === 0) faults.push("SESSION_SECRET is not set");
  if (settings.sessionSecrets.some((secret) => secret.length < SECRET_MIN_LENGTH)) {
    faults.push(`SESSION_SECRET needs at least ${SECRET_MIN_LENGTH} characters in each of its parts`);
  }
  if (faults.length > 0) throw new SettingsError(faults.join("; "));
  return settings;
}
