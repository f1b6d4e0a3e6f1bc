/** Sends what is in the outbox, in order, one at a time, and again after every reconnect: always with the same clientMessageId. */
import { RequestError } from "../protocol/events.ts";
import { isLive } from "../connection/status.ts";
import type { Outgoing } from "../store/state.ts";
import { serial, type Context } from "./context.ts";
import { freshId } from "./fresh-id.ts";

/** Tries of one message while the link stands, before its author is asked. */
const TRIES = 4;
const PAUSE_MS = 1_000;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export function createSender({ store, link }: Context) {
  const tries = new Map<string, number>();

  const isWaiting = (id: string): boolean => store.getState().outbox.some(({ clientMessageId }) => clientMessageId === id);
  const next = (): Outgoing | undefined => store.getState().outbox.find(({ state }) => state !== "failed");

  const deliver = serial(async () => {
    for (let outgoing = next(); outgoing && store.getState().self && isLive(store.getState().status); outgoing = next()) {
      const { clientMessageId, peerId, body } = outgoing;
      store.dispatch({ type: "outbox/moved", clientMessageId, state: "sending" });
      try {
        store.dispatch({ type: "outbox/stored", message: await link.request("message:send", { to: peerId, body, clientMessageId }) });
        // An answer about another message would be asked for again without end.
        if (isWaiting(clientMessageId)) store.dispatch({ type: "outbox/moved", clientMessageId, state: "failed", errorCode: "internal" });
      } catch (error) {
        await failed(clientMessageId, error instanceof RequestError ? error : new RequestError("internal", String(error)));
      }
    }
  });

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

  link.on("session:ready", () => void deliver());

  return {
    send(peerId: string, body: string): string {
      const clientMessageId = freshId();
      const createdAt = new Date().toISOString();
      store.dispatch({ type: "outbox/added", outgoing: { peerId, clientMessageId, body, createdAt, state: "queued", errorCode: null } });
      void deliver();
      return clientMessageId;
    },
    retry(clientMessageId: string): void {
      store.dispatch({ type: "outbox/moved", clientMessageId, state: "queued" });
      void deliver();
    },
  };
}
