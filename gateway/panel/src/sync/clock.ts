import type { State } from "../store/state.ts";

/** Now by the server's clock, which all times of messages and people come from: the browser's own may be minutes away from it. */
export function serverNow({ clockOffsetMs }: State): number {
  return Date.now() + clockOffsetMs;
}
