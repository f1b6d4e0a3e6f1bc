/** A proxy of the kind that knows nothing of WebSockets, as some companies have them. */
import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

export type Proxy = { url: string; refusedUpgrades: number; close(): void };

export async function proxyWithoutWebSocket(target: string): Promise<Proxy> {
  const server = createServer((asked, answer) => {
    const passedOn = request(target + asked.url, { method: asked.method ?? "GET", headers: asked.headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    passedOn.on("error", () => answer.destroy());
    answer.on("close", () => passedOn.destroy());
    asked.pipe(passedOn);
  });
  server.on("upgrade", (_request, socket) => {
    proxy.refusedUpgrades += 1;
    socket.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  const proxy: Proxy = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, refusedUpgrades: 0, close };
  return proxy;
}
