/** Colours and measures. A portal sets the `--chat-…` properties on the element; everything inside reads the `--_…` ones. */
import { css } from "lit";

const dark = css`
  color-scheme: dark;
  --_surface: var(--chat-surface, #171a21);
  --_raised: var(--chat-surface-raised, #222731);
  --_text: var(--chat-text, #eef1f6);
  --_muted: var(--chat-muted, #a4adbd);
  --_line: var(--chat-line, #2f3644);
  --_accent: var(--chat-accent, #4a66dd);
  --_on-accent: var(--chat-on-accent, #fff);
  --_link: var(--chat-link, #9db1ff);
  --_good: #3ecf8e;
  --_bad: #ff8d85;
  --_bad-surface: #3a2021;
  --_wait-surface: #362c17;
  --_wait-text: #f5cf7b;
  --_shadow: 0 1px 2px #0008, 0 16px 48px #000a;
`;

export const themeStyles = css`
  :host {
    color-scheme: light;
    --_surface: var(--chat-surface, #fff);
    --_raised: var(--chat-surface-raised, #f1f3f8);
    --_text: var(--chat-text, #171c28);
    --_muted: var(--chat-muted, #5a6475);
    --_line: var(--chat-line, #e4e8f0);
    --_accent: var(--chat-accent, #3454d1);
    --_on-accent: var(--chat-on-accent, #fff);
    --_link: var(--chat-link, #2b49c2);
    --_good: #0b7a48;
    --_bad: #b3261e;
    --_bad-surface: #fdeceb;
    --_wait-surface: #fff4d9;
    --_wait-text: #6d4a00;
    --_shadow: 0 1px 2px #1018281a, 0 16px 48px #10182833;
    --_radius: var(--chat-radius, 16px);
    --_font: var(--chat-font, system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif);
  }
  @media (prefers-color-scheme: dark) {
    :host(:not([theme="light"])) { ${dark} }
  }
  :host([theme="dark"]) { ${dark} }
`;

/** What every element of the panel begins with. */
export const baseStyles = css`
  *, *::before, *::after { box-sizing: border-box; }
  [hidden] { display: none !important; }
  button, input, textarea, select { font: inherit; color: inherit; letter-spacing: inherit; }
  button { margin: 0; padding: 0; border: 0; background: none; cursor: pointer; }
  ul, ol, h2, p { margin: 0; padding: 0; list-style: none; }
  svg { display: block; flex: none; }
  :focus-visible { outline: 2px solid var(--_link); outline-offset: 2px; }
  .said { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  .icon-button {
    display: grid; place-items: center; inline-size: 36px; block-size: 36px; flex: none; border-radius: 10px; color: var(--_muted);
    transition: background .12s, color .12s;
  }
  .icon-button:hover { background: var(--_raised); color: var(--_text); }
  .flips:dir(rtl) svg { transform: scaleX(-1); }
  @media (prefers-reduced-motion: reduce) {
    *, *::before, *::after { animation: none !important; transition: none !important; scroll-behavior: auto !important; }
  }
`;
