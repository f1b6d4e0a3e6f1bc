import type { Message } from "../protocol/shapes.ts";

/** Index of the first message with at least that `seq`. */
export function indexOfSeq(messages: readonly Message[], seq: number): number {
  let [low, high] = [0, messages.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((messages[middle] as Message).seq < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Merges by `seq`, so that it does not matter in which order and how often messages arrive. */
export function mergeMessages(held: readonly Message[], arrived: readonly Message[]): readonly Message[] {
  const fresh = arrived.filter((message) => {
    const there = held[indexOfSeq(held, message.seq)];
    // What is erased stays so, whatever an older answer says.
    return there?.seq !== message.seq || (message.erased && !there.erased);
  });
  if (fresh.length === 0) return held;
  const sorted = withoutDoubles([...fresh].sort((a, b) => a.seq - b.seq));
  // Only the part between the first and the last new number is touched: a conversation may be long.
  const from = indexOfSeq(held, (sorted[0] as Message).seq);
  const to = indexOfSeq(held, (sorted.at(-1) as Message).seq + 1);
  const bySeq = new Map([...held.slice(from, to), ...sorted].map((message) => [message.seq, message]));
  const between = [...bySeq.values()].sort((a, b) => a.seq - b.seq);
  return held.slice(0, from).concat(between, held.slice(to));
}

function withoutDoubles(messages: Message[]): Message[] {
  return messages.filter((message, index) => message.seq !== messages[index - 1]?.seq);
}

/** What is held, and the gaps that stay, since nobody has what was there: from the number before to the number after. */
export type Held = { readonly messages: readonly Message[]; readonly closedGaps: ReadonlyMap<number, number> };

export type Gap = { afterSeq: number; beforeSeq: number };

/** The lowest gap that may be filled: open interval of numbers that are not held; null when there is none. */
export function firstGap({ messages, closedGaps }: Held): Gap | null {
  for (let start = 0; start < messages.length;) {
    const gap = gapFrom(messages, start);
    if (!gap || closedGaps.get(gap.afterSeq) !== gap.beforeSeq) return gap;
    start = indexOfSeq(messages, gap.beforeSeq);
  }
  return null;
}

function gapFrom(messages: readonly Message[], start: number): Gap | null {
  const [first, last] = [messages[start] as Message, messages.at(-1) as Message];
  if (last.seq - first.seq === messages.length - 1 - start) return null;
  // The run without a gap is where number and index advance alike: found by halving.
  let [low, high] = [start, messages.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((messages[middle] as Message).seq - first.seq === middle - start) low = middle;
    else high = middle;
  }
  return { afterSeq: (messages[low] as Message).seq, beforeSeq: (messages[high] as Message).seq };
}

/** The last number up to which nothing is missing; what `sync` is told. */
export function endOfFirstRun(held: Held): number {
  return firstGap(held)?.afterSeq ?? held.messages.at(-1)?.seq ?? 0;
}
