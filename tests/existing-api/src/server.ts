import { createClient, type RedisClientType } from "redis";
import { buildApp } from "./app.ts";
import { openDatabase } from "./database.ts";
import { readSettings, type Settings } from "./settings.ts";

/** Requests fail at once while Redis is away, in place of waiting in a queue. */
function openRedis(url: string): RedisClientType {
  const redis: RedisClientType = createClient({ url, disableOfflineQueue: true });
  let told = "";
  redis.on("ready", () => (told = ""));
  redis.on("error", (error: Error) => {
    // An outage makes the same error at every attempt to reconnect; once is enough.
    if (error.message !== told) console.error(`redis: ${error.message || String(error)}`);
    told = error.message;
  });
  return redis;
}

async function serve(settings: Settings): Promise<void> {
  const redis = openRedis(settings.redisUrl);
  const database = openDatabase(settings.databaseUrl);
  const app = await buildApp(settings, database, redis);
  app.addHook("onClose", async () => {
    redis.destroy();
    await database.$disconnect();
  });

  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    app.close().then(() => process.exit(0), fail);
  };
  process.once("SIGTERM", stop).once("SIGINT", stop);

  await redis.connect();
  const address = await app.listen({ host: settings.host, port: settings.port });
  console.log(JSON.stringify({ listening: address }));
}

function fail(error: unknown): never {
  console.error(`existing-api: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}

try {
  await serve(readSettings(process.env));
} catch (error) {
  fail(error);
}
