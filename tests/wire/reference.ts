/** The reference, as a program: the npm packages, under the handlers of the product's example. Takes a mode and a port. */
import { createServer, type Server as HttpServer } from "node:http";
import { Server as EngineServer, type ServerOptions } from "engine.io";
import { Server as SocketServer, type Socket } from "socket.io";
import { PATH, settings } from "./server.ts";

const engineOptions: ServerOptions = {
  pingInterval: settings.pingInterval,
  pingTimeout: settings.pingTimeout,
  maxHttpBufferSize: settings.maxPayload,
  upgradeTimeout: settings.upgradeTimeout,
  allowEIO3: false,
};

function serveEngine(http: HttpServer): void {
  const engine = new EngineServer(engineOptions);
  engine.attach(http, { path: PATH });
  engine.on("connection", (socket) => {
    socket.on("message", (message: string | Buffer) => socket.send(message));
  });
}

function serveSockets(http: HttpServer): void {
  const io = new SocketServer(http, { ...engineOptions, path: PATH, connectTimeout: settings.connectTimeout, serveClient: false });
  const onConnection = (socket: Socket) => {
    socket.emit("auth", socket.handshake.auth);
    socket.on("message", (...args: unknown[]) => socket.emit("message-back", ...args));
    socket.on("message-with-ack", (...args: unknown[]) => {
      const ack = args.pop();
      if (typeof ack === "function") ack(...args);
    });
  };
  io.on("connection", onConnection);
  io.of("/custom").on("connection", onConnection);
}

const [mode, port] = process.argv.slice(2);
// What the protocol's server does not take is nobody's.
const http = createServer((_, response) => response.writeHead(404).end());
if (mode === "engineio") serveEngine(http);
else serveSockets(http);
http.listen(Number(port), "127.0.0.1");
