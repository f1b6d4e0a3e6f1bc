import { LitElement } from "lit";

/** Whether a finger points: a field that has the focus then brings up the keyboard, over half of what somebody wanted to see. */
export function isTouched(): boolean {
  return matchMedia("(pointer: coarse)").matches;
}

/** An element of the panel's own inside, which tells the one above by events that stay inside. */
export abstract class PanelElement extends LitElement {
  protected tell(name: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
