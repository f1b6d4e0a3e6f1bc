/** On a phone, and at 200 % zoom, the panel is the page: what lies beneath is out of reach, for Tab too. */
import { css } from "lit";

export const COVERING = css`(max-width: 560px), (max-height: 480px)`;

/** What Tab stops at, in order, through all shadow roots. */
function stops(root: ParentNode): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>("*")].flatMap((element) => {
    if (element.shadowRoot) return stops(element.shadowRoot);
    return element.tabIndex >= 0 && element.checkVisibility() ? [element] : [];
  });
}

/** From the last stop on to the first one, and back. */
export function goRound(panel: ParentNode, event: KeyboardEvent): void {
  const all = stops(panel);
  const [end, start] = event.shiftKey ? [all[0], all.at(-1)] : [all.at(-1), all[0]];
  if (event.composedPath()[0] !== end) return;
  event.preventDefault();
  start?.focus();
}
