import type { Action } from "./actions.ts";
import { reduce } from "./reduce.ts";
import { initialState, type State } from "./state.ts";

export type Listener = (state: State, before: State) => void;

export type Store = {
  getState(): State;
  dispatch(action: Action): void;
  /** Calls back after every change; answers how to stop. */
  subscribe(listener: Listener): () => void;
};

export function createStore(start: State = initialState()): Store {
  let state = start;
  const listeners = new Set<Listener>();
  return {
    getState: () => state,
    dispatch(action) {
      const before = state;
      state = reduce(state, action);
      if (state !== before) for (const listener of listeners) listener(state, before);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
