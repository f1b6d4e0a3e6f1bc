/** Compiled, never run: what the stock client's type checker lets through with the protocol's types, and what it does not. */
import type { ClientToServerEvents, Conversation, ErrorCode, Limits, Message, Reply, ServerToClientEvents } from "@realtime/protocol";
import { io, type Socket } from "socket.io-client";

const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io("/tenant", { path: "/realtime" });

export async function allowed(): Promise<Conversation[]> {
  socket.emit("message:send", { to: "u2", body: "hello", clientMessageId: "tab:1" }, (reply) => {
    if (reply.ok) socket.emit("message:delivered", { with: reply.data.recipientId, upToSeq: reply.data.seq });
    else if (reply.error.code === "rate_limited") setTimeout(() => {}, reply.error.retryAfterMs ?? 1000);
  });
  socket.volatile.emit("typing", { to: "u2", typing: true });
  socket.on("message:new", ({ seq, body, erased }) => console.log(seq + 1, body.length, erased === true));
  socket.on("presence:diff", ({ changed }) => console.log(changed?.map(({ portals }) => portals.includes("dm"))));
  socket.on("session:ready", ({ self, unreadTotal }) => console.log(self.kind === "manage", unreadTotal ?? 0));
  socket.on("server:draining", ({ reconnectInMs }) => setTimeout(() => {}, reconnectInMs));

  const history = await socket.emitWithAck("message:history", { with: "u2", limit: 200 satisfies Limits["historyMax"] });
  const messages: Message[] = history.ok ? history.data.messages : [];
  await socket.timeout(1000).emitWithAck("sync", { since: { [messages[0]?.conversationId ?? ""]: 1 }, others: "none" });
  await socket.emitWithAck("presence:tenants", {});
  const list: Reply<{ conversations: Conversation[] }> = await socket.emitWithAck("conversation:list", { cursor: null });
  return list.ok ? list.data.conversations : [];
}

export async function refused(): Promise<void> {
  // @ts-expect-error there is no such event
  socket.emit("message:sent", {});
  // @ts-expect-error the client's own name for the message is missing
  socket.emit("message:send", { to: "u2", body: "hello" }, () => {});
  // @ts-expect-error seq is a number
  socket.emit("message:history", { with: "u2", beforeSeq: "7" }, () => {});
  // @ts-expect-error an event whose answer matters needs an ack
  socket.emit("sync", { since: {} });
  // @ts-expect-error messages come from the server
  socket.emit("message:new", {});
  // @ts-expect-error the server does not send this
  socket.on("message:send", () => {});
  socket.emit("message:read", { with: "u2", upToSeq: 1 }, (reply) => {
    // @ts-expect-error whether it was refused has to be asked first
    console.log(reply.data.unread);
  });
  // @ts-expect-error not one of the codes
  const code: ErrorCode = "not_found";
  // @ts-expect-error another bound
  const limit: Limits["historyMax"] = 500;
  console.log(code, limit);
}
