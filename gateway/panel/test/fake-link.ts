/** A link whose other end is the test. Times stand still until the test moves them. */
import { RequestError, type RequestName } from "../src/protocol/events.ts";
import { createStore } from "../src/store/store.ts";
import type { Context } from "../src/sync/context.ts";
import { ready } from "./fixtures.ts";

export function fakeLink() {
  const store = createStore();
  const handlers = new Map<string, ((payload: any) => void)[]>();
  const asked: { name: RequestName; ask: any }[] = [];
  const link = {
    answer: ((): unknown => ({})) as (name: RequestName, ask: any) => unknown,
    async request(name: RequestName, ask: any) {
      asked.push({ name, ask });
      const answer = link.answer(name, ask);
      if (answer instanceof RequestError) throw answer;
      return answer as any;
    },
    on(name: string, handle: (payload: any) => void) {
      handlers.set(name, [...(handlers.get(name) ?? []), handle]);
      return () => {};
    },
  };
  const push = (name: string, payload: unknown) => handlers.get(name)?.forEach((handle) => handle(payload));
  return {
    store,
    context: { store, link } as unknown as Context,
    link,
    push,
    asked: (name: RequestName) => asked.filter((request) => request.name === name).map(({ ask }) => ask),
    /** A connection begins. */
    join(selfId = "alice") {
      const action = ready(selfId);
      store.dispatch({ type: "status/changed", status: { kind: "online" } });
      store.dispatch(action);
      if (action.type === "session/ready") push("session:ready", action.ready);
    },
    leave: () => store.dispatch({ type: "status/changed", status: { kind: "reconnecting", retryAt: 0 } }),
  };
}
