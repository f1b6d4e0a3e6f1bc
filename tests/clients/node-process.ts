/**
 * A Node process of the API's with the stock Redis adapter. Told a room, it asks the gateways everything that the adapter can ask, prints
 * the answers as one line of JSON, and then waits for an ack that never comes, until it is killed.
 *
 *     node --import tsx clients/node-process.ts <redis url> <room> <id of a socket to end>
 */
import { withNodeServer } from "./node-server.ts";

const [redisUrl = "", room = "", victim = ""] = process.argv.slice(2);

await withNodeServer(redisUrl, async (io) => {
  const tenant = io.of("/tenant");
  const adapter = tenant.adapter as typeof tenant.adapter & { allRooms(): Promise<Set<string>> };
  const began = Date.now();
  const answers = {
    servers: await adapter.serverCount(),
    sockets: (await tenant.in(room).fetchSockets()).map(({ id }) => id).sort(),
    hasRoom: (await adapter.allRooms()).has(room),
    acks: ((await tenant.timeout(3_000).to(room).emitWithAck("poll")) as string[]).sort(),
    others: await tenant.serverSideEmitWithAck("are you there"),
    tookMs: Date.now() - began,
  };
  tenant.in(victim).disconnectSockets();
  process.stdout.write(`${JSON.stringify(answers)}\n`);
  await tenant.timeout(60_000).to(room).emitWithAck("silence");
});
