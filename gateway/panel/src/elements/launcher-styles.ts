import { css } from "lit";
import { COVERING } from "./cover.ts";

/** The button and the panel, and where they float. */
export const launcherStyles = css`
  /* The page's rules for everything (* or body > *) are above those of the host, but not above these. */
  :host {
    position: fixed !important; inset-block-end: var(--chat-offset-y, 24px) !important; inset-inline-end: var(--chat-offset-x, 24px) !important; z-index: var(--chat-z-index, 1000) !important;
  }
  :host([hidden]) { display: none; }
  /* Hiding and the scheme are the host's; no other text style of the page comes in. */
  .root { all: initial; display: block; visibility: inherit; color-scheme: inherit; font-family: var(--_font); font-size: 15px; line-height: 1.4; color: var(--_text); }
  .launcher {
    position: relative; display: grid; place-items: center; inline-size: 60px; block-size: 60px; margin-inline-start: auto; border: 1px solid transparent; border-radius: 50%;
    background: var(--_accent); color: var(--_on-accent); box-shadow: var(--_shadow); transition: transform .15s, filter .15s;
  }
  .launcher:hover { filter: brightness(1.08); transform: translateY(-1px); }
  .launcher:focus-visible { outline: 3px solid var(--_link); outline-offset: 3px; }
  .badge {
    position: absolute; inset-block-start: -4px; inset-inline-end: -4px; display: grid; place-items: center; min-inline-size: 24px; block-size: 24px; padding-inline: 6px;
    border: 2px solid var(--_surface); border-radius: 12px; background: #c4291f; color: #fff; font-size: 12px; font-weight: 700; line-height: 1;
  }
  .panel {
    position: absolute; inset-block-end: 76px; inset-inline-end: 0; display: flex; flex-direction: column; overflow: hidden;
    inline-size: min(400px, calc(100vw - 2 * var(--chat-offset-x, 24px))); block-size: min(640px, calc(100dvh - 76px - 2 * var(--chat-offset-y, 24px)));
    border-radius: var(--_radius); background: var(--_surface); border: 1px solid var(--_line); box-shadow: var(--_shadow); animation: rise .18s cubic-bezier(.2, .8, .3, 1);
  }
  @keyframes rise { from { opacity: 0; transform: translateY(12px) scale(.98); } }
  rt-list, rt-conversation { flex: 1; order: 1; }
  rt-status { order: 0; }
  @media ${COVERING} {
    .panel { position: fixed; inset: 0; inline-size: auto; block-size: auto; border: 0; border-radius: 0; }
    .panel + .launcher { display: none; }
  }
`;
