/** A Socket.IO server of the API's: the pinned packages, with the Redis of the stack between it and the gateways. */
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import { Emitter } from "@socket.io/redis-emitter";
import { createClient } from "redis";
import { Server } from "socket.io";

/** Shorter than the adapter's 5 s: what is not answered fails the story soon. */
const REQUESTS_TIMEOUT_MS = 3_000;

async function connected(url: string) {
  return createClient({ url }).on("error", () => {}).connect();
}

/** Lends a server to `use`, and closes it. */
export async function withNodeServer(
  redisUrl: string,
  use: (io: Server) => Promise<void>,
): Promise<void> {
  const [publisher, subscriber] = await Promise.all([connected(redisUrl), connected(redisUrl)]);
  const io = new Server(createServer(), { adapter: createAdapter(publisher, subscriber, { requestsTimeout: REQUESTS_TIMEOUT_MS }) });
  for (const namespace of ["/tenant", "/manage"]) io.of(namespace);
  try {
    // The adapter does not say when its subscriptions stand; from then on it is counted.
    while ((await io.of("/manage").adapter.serverCount()) < 3 || (await io.of("/tenant").adapter.serverCount()) < 3) {}
    await use(io);
  } finally {
    await io.close();
    // Not destroyed: the adapter is still taking its leave.
    await Promise.all([publisher.close(), subscriber.close()]);
  }
}

/** Lends an emitter to `use`, and the connection under it: no adapter of Node's listens, which junk would end. */
export async function withEmitter(
  redisUrl: string,
  use: (emitter: Emitter, publish: (channel: string, payload: Buffer) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const client = await connected(redisUrl);
  try {
    await use(new Emitter(client), (channel, payload) => client.publish(channel, payload));
  } finally {
    await client.close();
  }
}
