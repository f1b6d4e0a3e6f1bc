/** A bare WebSocket below a raw link. */
import { once } from "node:events";
import WebSocket from "ws";
import type { Carrier, Receiver } from "./raw-link.ts";

export async function rawWebSocket(origin: string, cookie: string, receiver: Receiver): Promise<Carrier> {
  const socket = new WebSocket(`${origin.replace("http", "ws")}/realtime/?EIO=4&transport=websocket`, { headers: { cookie } });
  socket.on("message", (frame: Buffer) => receiver.onPacket(frame.toString()));
  socket.on("close", (code) => receiver.onClose(`${code}`));
  socket.on("error", () => {});
  await once(socket, "open");
  return { send: (packet) => socket.send(packet), close: () => socket.terminate() };
}
