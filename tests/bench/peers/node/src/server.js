/** Presence and chat on stock socket.io, as its documentation advises: Redis adapter, WebSocket only, bufferutil, no request kept. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import pg from "pg";
import { createClient } from "redis";
import { Server } from "socket.io";
import { Messages } from "./messages.js";
import { Presence, presenceScripts } from "./presence.js";
import { Sessions } from "./sessions.js";

const { PORT, REDIS_URL, DATABASE_URL, SESSION_SECRET } = process.env;

const commands = createClient({ url: REDIS_URL, scripts: presenceScripts });
const [publisher, subscriber] = [commands.duplicate(), commands.duplicate()];
await Promise.all([commands, publisher, subscriber].map((client) => client.connect()));
const database = new pg.Pool({ connectionString: DATABASE_URL, max: 16 });
await database.query(readFileSync(new URL("../../message.sql", import.meta.url), "utf8"));

const sessions = new Sessions(commands, SESSION_SECRET);
const presence = new Presence(commands);
const messages = new Messages(database);

const server = createServer((_request, response) => response.end("ready"));
const io = new Server(server, { path: "/realtime", transports: ["websocket"], serveClient: false, adapter: createAdapter(publisher, subscriber) });

const tenants = io.of("/tenant");
tenants.use(async (socket, next) => {
  const user = await sessions.userOf(socket.handshake.headers.cookie);
  socket.data.user = user;
  // As "Memory usage" in socket.io's documentation says: the first request of a connection can go.
  socket.conn.request = null;
  next(user ? undefined : new Error("unauthorized"));
});

tenants.on("connection", async (socket) => {
  const { user } = socket.data;
  const rooms = { user: `user:${user.id}`, tenant: `tenant:${user.tenantId}` };
  socket.on("message:send", async (payload, answer) => {
    try {
      const message = await messages.store(user, payload);
      // Every socket of the recipient, and every other socket of the sender.
      socket.to([`user:${message.recipientId}`, rooms.user]).emit("message:new", message);
      answer({ ok: true, data: message });
    } catch (error) {
      answer({ ok: false, error: { code: "unavailable", message: error.message } });
    }
  });
  socket.on("disconnect", async () => {
    const left = await presence.leave(user);
    if (left) tenants.to(rooms.tenant).emit("presence:diff", { online: [], offline: [left] });
  });
  socket.join([rooms.user, rooms.tenant]);
  socket.emit("session:ready", { self: user });
  const { isFirst, entry, users } = await presence.join(user);
  socket.emit("presence:snapshot", { users, online: users.length, complete: true });
  if (isFirst) socket.to(rooms.tenant).emit("presence:diff", { online: [entry], offline: [] });
});

server.listen(Number(PORT), "127.0.0.1", 4096);
