/** What a client does in an Engine.IO case. A case is a list of these. */
import type { OutgoingHttpHeaders } from "node:http";
import type { Peer, Query, RequestOptions } from "./peer.ts";
import type { Frame, WebSocketOptions } from "./web-socket.ts";

export type Step = (peer: Peer) => Promise<void>;

/** Any request; its answer is told. */
export function ask(method: string, query: Query = {}, options: RequestOptions = {}): Step {
  return async (peer) => peer.tell(`${method}: ${(await peer.request(method, query, options)).told}`);
}

/** A polling handshake, which the case is not about. */
export const open: Step = async (peer) => {
  const { body } = await peer.request("GET");
  peer.sid = (JSON.parse(body.slice(1)) as { sid: string }).sid;
};

/** A polling handshake, told. */
export function handshake(query: Query = {}, headers: OutgoingHttpHeaders = {}): Step {
  return async (peer) => {
    const { told, body, status } = await peer.request("GET", query, { headers });
    peer.tell(told);
    if (status === 200) peer.sid = (JSON.parse(body.slice(1)) as { sid: string }).sid;
  };
}

export function post(...packets: string[]): Step {
  return ask("POST", {}, { body: packets.join("\x1e") });
}

/** A POST whose answer may come or not. */
export function postBlindly(body: string): Step {
  return async (peer) => void (await peer.request("POST", {}, { body }));
}

export const poll: Step = async (peer) => peer.tell(`poll: ${(await peer.poll()).told}`);

/** Leaves a poll open. */
export function hold(name = "poll"): Step {
  return async (peer) => void (await peer.start(name, "GET"));
}

/** Begins a POST whose body is longer than what is sent of it. */
export function startPost(name: string, part: string, length: number): Step {
  return async (peer) => void (await peer.start(name, "POST", { body: part, headers: { "content-length": length }, unfinished: true }));
}

export function finishPost(name: string, rest: string): Step {
  return async (peer) => {
    peer.exchange(name).finish(rest);
    peer.tell(`${name}: ${(await peer.exchange(name).answer).told}`);
  };
}

/** Tells the answer of a request that was left open. */
export function answered(name = "poll"): Step {
  return async (peer) => peer.tell(`${name}: ${(await peer.exchange(name).answer).told}`);
}

export function giveUp(name = "poll"): Step {
  return async (peer) => peer.exchange(name).giveUp();
}

export const noticed: Step = (peer) => peer.tellNoticed();

/** A WebSocket, with the sid if there is one. */
export function connect(query: Query = {}, name = "ws", options: WebSocketOptions & { path?: string } = {}): Step {
  return (peer) => peer.connect(name, query, options);
}

/** A WebSocket handshake, which the case is not about. */
export const openWebSocket: Step = async (peer) => {
  await peer.connect("ws");
  await peer.hear("ws", "0");
  peer.trace.length = 0;
};

export function send(...frames: Frame[]): Step {
  return sendOn("ws", ...frames);
}

export function sendOn(name: string, ...frames: Frame[]): Step {
  return async (peer) => peer.socket(name).send(...frames);
}

export function hear(start: string, name = "ws"): Step {
  return (peer) => peer.hear(name, start);
}

/** Waits until all is echoed; not for WebSockets that only probe. */
export function settled(name = "ws"): Step {
  return (peer) => peer.settle(name);
}

/** Waits for the end of a WebSocket. */
export function ended(name = "ws"): Step {
  return (peer) => peer.tellEnd(name);
}

export function vanish(name = "ws"): Step {
  return async (peer) => peer.socket(name).vanish();
}

/** Tells whether a WebSocket has been closed by now. */
export function stands(name = "ws"): Step {
  return async (peer) => {
    await peer.fence();
    peer.tellFrames(name);
    const { closed } = peer.socket(name);
    peer.tell(closed === undefined ? `${name} open` : `${name} closed ${closed}`);
  };
}

/** Opens, probes and moves to the WebSocket, in good order. */
export const upgrade: Step[] = [open, connect(), send("2probe"), hear("3probe"), send("5"), settled()];
