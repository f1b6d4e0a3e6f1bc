/** A line on which WebSockets take their time, so that much is said by polling before and while a client changes to one. */
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export type SlowLine = { url: string; close(): void };

/** Passes chunks on in their order, those of a WebSocket later. */
function passOn(from: Socket, to: Socket, delayMs: () => number): void {
  from.on("data", (chunk) => void setTimeout(() => to.write(chunk), delayMs()));
  from.on("end", () => void setTimeout(() => to.end(), delayMs()));
  from.on("error", () => to.destroy());
  from.on("close", () => void setTimeout(() => to.destroy(), delayMs()));
}

export async function slowWebSockets(target: string, delayMs: number): Promise<SlowLine> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const gateway = connect(Number(port), hostname);
    for (const socket of [client, gateway]) {
      open.add(socket);
      socket.setNoDelay(true).on("close", () => open.delete(socket));
    }
    let isWebSocket = false;
    client.on("data", (chunk) => (isWebSocket ||= /upgrade: websocket/i.test(chunk.toString("latin1"))));
    passOn(client, gateway, () => (isWebSocket ? delayMs : 0));
    passOn(gateway, client, () => (isWebSocket ? delayMs : 0));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = () => {
    server.close();
    for (const socket of open) socket.destroy();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
