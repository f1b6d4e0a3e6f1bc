/** What crosses a page's WebSocket, read and, where a story wants it, lost on the way. The gateway behind it is a real one. */
import type { WebSocketRoute } from "playwright-core";
import type { PortalPage } from "../../browser/person.ts";

export type Request = { event: string; payload: any; answer?: any };

/** `42/tenant,7["message:send",{…}]`: type, namespace, number of the ack, what. */
const FRAME = /^4(?<type>[23])(?<namespace>\/[^,]+,)(?<ack>\d*)(?<json>\[.*)$/s;

export class Wire {
  /** What the page has asked, in order, each with what the gateway answered. */
  readonly asked: Request[] = [];
  /** Pushes that are lost on the way to the page. */
  losesPush: (event: string, payload: any) => boolean = () => false;
  /** Answers that are lost on the way to the page. */
  losesAnswer: (event: string) => boolean = () => false;
  #socket: WebSocketRoute | undefined;

  /** Loads the page again, with this in between. */
  static async into(page: PortalPage): Promise<Wire> {
    const wire = new Wire();
    await page.page.routeWebSocket(/\/realtime\//, (socket) => wire.#carry(socket));
    await page.reload();
    return wire;
  }

  requests(event: string): Request[] {
    return this.asked.filter((request) => request.event === event);
  }

  /** As if the gateway had said it. */
  push(event: string, payload: unknown): void {
    this.#socket?.send(`42/tenant,${JSON.stringify([event, payload])}`);
  }

  #carry(socket: WebSocketRoute): void {
    const server = socket.connectToServer();
    const waiting = new Map<string, Request>();
    this.#socket = socket;
    socket.onMessage((frame) => {
      const { type, ack = "", json } = FRAME.exec(String(frame))?.groups ?? {};
      if (type === "2" && json) {
        const [event, payload] = JSON.parse(json);
        const request: Request = { event, payload };
        this.asked.push(request);
        waiting.set(ack, request);
      }
      server.send(frame);
    });
    server.onMessage((frame) => {
      const { type, ack = "", json } = FRAME.exec(String(frame))?.groups ?? {};
      if (type === "2" && json) {
        const [event, payload] = JSON.parse(json);
        if (this.losesPush(event, payload)) return;
      } else if (type === "3" && json) {
        const request = waiting.get(ack);
        if (request && this.losesAnswer(request.event)) return;
        if (request) request.answer = JSON.parse(json)[0];
      }
      socket.send(frame);
    });
  }
}
