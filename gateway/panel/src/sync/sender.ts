/**
 * Sends what is in the outbox, and again after every reconnect: always with the same clientMessageId. To each peer in order, one at
 * a time; what cannot be sent to one of them holds up nobody else's.
 */
import { RequestError } from "../protocol/events.ts";
import { isLive } from "../connection/status.ts";
import type { Outgoing } from "../store/state.ts";
import { serverNow } from "./clock.ts";
import { serial, type Context } from "./context.ts";
import { freshId } from "./fresh-id.ts";
import { onOwnerChanged } from "./owner.ts";

/** Tries of one message while the link stands, before its author is asked. */
const TRIES = 4;
const PAUSE_MS = 1_000;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export function createSender({ store, link }: Context) {
  const tries = new Map<string, number>();
  /** What delivers to each peer. */
  const lanes = new Map<string, () => Promise<void>>();

  const held = (id: string): Outgoing | undefined => store.getState().outbox.find(({ clientMessageId }) => clientMessageId === id);

  function next(peerId: string): Outgoing | undefined {
    const { outbox, self, status } = store.getState();
    return self && isLive(status) ? outbox.find((outgoing) => outgoing.peerId === peerId && outgoing.state !== "failed") : undefined;
  }

  async function deliver(peerId: string): Promise<void> {
    for (let outgoing = next(peerId); outgoing; outgoing = next(peerId)) {
      const { clientMessageId, body } = outgoing;
      store.dispatch({ type: "outbox/moved", clientMessageId, state: "sending" });
      try {
        store.dispatch({ type: "outbox/stored", message: await link.request("message:send", { to: peerId, body, clientMessageId }) });
        tries.delete(clientMessageId);
        // An answer about another message would be asked for again without end.
        if (held(clientMessageId)) store.dispatch({ type: "outbox/moved", clientMessageId, state: "failed", errorCode: "internal" });
      } catch (error) {
        await failed(clientMessageId, error instanceof RequestError ? error : new RequestError("internal", String(error)));
      }
    }
  }

  async function failed(clientMessageId: string, error: RequestError): Promise<void> {
    if (error.code === "not_connected" || !isLive(store.getState().status)) {
      store.dispatch({ type: "outbox/moved", clientMessageId, state: "queued" });
      return;
    }
    const tried = (tries.get(clientMessageId) ?? 0) + 1;
    tries.set(clientMessageId, tried);
    if (error.isPassing && (tried < TRIES || error.code === "rate_limited")) {
      await pause(error.retryAfterMs ?? PAUSE_MS * tried);
      return;
    }
    tries.delete(clientMessageId);
    store.dispatch({ type: "outbox/moved", clientMessageId, state: "failed", errorCode: error.code });
  }

  function start(peerId: string): void {
    const lane = lanes.get(peerId) ?? serial(() => deliver(peerId));
    lanes.set(peerId, lane);
    void lane();
  }

  onOwnerChanged(store, () => tries.clear());
  link.on("session:ready", () => {
    for (const { peerId } of store.getState().outbox) start(peerId);
  });

  return {
    send(peerId: string, body: string): string {
      const clientMessageId = freshId();
      const createdAt = new Date(serverNow(store.getState())).toISOString();
      store.dispatch({ type: "outbox/added", outgoing: { peerId, clientMessageId, body, createdAt, state: "queued", errorCode: null } });
      start(peerId);
      return clientMessageId;
    },
    retry(clientMessageId: string): void {
      store.dispatch({ type: "outbox/moved", clientMessageId, state: "queued" });
      const peerId = held(clientMessageId)?.peerId;
      if (peerId !== undefined) start(peerId);
    },
  };
}
