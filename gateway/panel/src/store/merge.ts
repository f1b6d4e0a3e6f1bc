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
    return there?.seq !== message.seq || there.erased !== message.erased;
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

/** The lowest gap: open interval of numbers that are not held; null when there is none. */
export function firstGap(messages: readonly Message[]): { afterSeq: number; beforeSeq: number } | null {
  const [first, last] = [messages[0], messages.at(-1)];
  if (!first || !last || last.seq - first.seq + 1 === messages.length) return null;
  // The run without a gap is where number and index advance alike: found by halving.
  let [low, high] = [0, messages.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((messages[middle] as Message).seq - first.seq === middle) low = middle;
    else high = middle;
  }
  return { afterSeq: (messages[low] as Message).seq, beforeSeq: (messages[high] as Message).seq };
}

/** The last number up to which nothing is missing; what `sync` is told. */
export function endOfFirstRun(messages: readonly Message[]): number {
  return firstGap(messages)?.afterSeq ?? messages.at(-1)?.seq ?? 0;
}
