/** What the effects work with. */
import type { Answer, Ask, PushName, Pushes, RequestName } from "../protocol/events.ts";
import type { Store } from "../store/store.ts";

export type Link = {
  request<Name extends RequestName>(name: Name, ask: Ask<Name>): Promise<Answer<Name>>;
  on<Name extends PushName>(name: Name, handle: (payload: Pushes[Name]) => void): () => void;
};

export type Context = { store: Store; link: Link };

/** Runs one at a time; a call that arrives meanwhile makes it run once more. What fails is tried again after the next `session:ready`. */
export function serial(task: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let isWanted = false;
  const run = async () => {
    while (isWanted) {
      isWanted = false;
      await task().catch(() => {});
    }
    running = undefined;
  };
  return () => {
    isWanted = true;
    running ??= run();
    return running;
  };
}
