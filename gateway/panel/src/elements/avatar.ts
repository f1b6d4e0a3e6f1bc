import { css, html } from "lit";

const HUES = 8;

/** First letters of the first and the last word; whole characters, so that an emoji stays one. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters.map((word) => [...(word ?? "?")][0] ?? "").join("").toUpperCase();
}

function hueOf(id: string): number {
  let hash = 0;
  for (let index = 0; index < id.length; index += 1) hash = (hash * 31 + id.charCodeAt(index)) >>> 0;
  return hash % HUES;
}

export function avatar(id: string, name: string, isOnline: boolean) {
  return html`<span class="avatar hue-${hueOf(id)}" aria-hidden="true">${initialsOf(name)}${isOnline ? html`<i></i>` : ""}</span>`;
}

export const avatarStyles = css`
  .avatar {
    position: relative; display: grid; place-items: center; flex: none; inline-size: 42px; block-size: 42px; border-radius: 50%;
    font-size: 15px; font-weight: 600; line-height: 1; letter-spacing: .02em; color: #fff; background: #475bb2; user-select: none;
  }
  .avatar i {
    position: absolute; inset-block-end: -1px; inset-inline-end: -1px; inline-size: 13px; block-size: 13px; border-radius: 50%;
    background: var(--_good); border: 2px solid var(--_surface);
  }
  .hue-1 { background: #8a4b9e; } .hue-2 { background: #b0475f; } .hue-3 { background: #9a5b1f; }
  .hue-4 { background: #3f7a43; } .hue-5 { background: #1f7a82; } .hue-6 { background: #2f6db0; } .hue-7 { background: #6b5bb5; }
  @media (forced-colors: active) { .avatar { border: 1px solid CanvasText; } .avatar i { background: Highlight; forced-color-adjust: none; } }
`;
