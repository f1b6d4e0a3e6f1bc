import { LitElement } from "lit";

/** An element of the panel's own inside, which tells the one above by events that stay inside. */
export abstract class PanelElement extends LitElement {
  protected tell(name: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
