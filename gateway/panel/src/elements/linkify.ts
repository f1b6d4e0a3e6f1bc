/** Web addresses in a text. Only http and https: nothing that could run. */
export type Piece = { text: string; href?: string };

/** Up to what nobody sees, too: it would turn the direction of an address, or hide where it goes. */
const ADDRESS = /\bhttps?:\/\/[^\s<>"'`\p{Cf}]+/giu;
/** What ends a sentence is not part of the address before it. */
const TAIL = /[.,;:!?)\]}'"»”]$/;
const OPENING: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

/** A bracket that was opened within the address is part of it. */
function withoutTail(address: string): string {
  let text = address;
  for (let last = TAIL.exec(text)?.[0]; last; last = TAIL.exec(text)?.[0]) {
    const opening = OPENING[last];
    if (opening && text.split(opening).length >= text.split(last).length) break;
    text = text.slice(0, -1);
  }
  return text;
}

export function pieces(body: string): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const match of body.matchAll(ADDRESS)) {
    const text = withoutTail(match[0]);
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || (url.protocol !== "https:" && url.protocol !== "http:")) continue;
    if (match.index > end) found.push({ text: body.slice(end, match.index) });
    found.push({ text, href: url.href });
    end = match.index + text.length;
  }
  if (end < body.length) found.push({ text: body.slice(end) });
  return found;
}
