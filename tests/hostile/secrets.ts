/** What gateways were told and must not tell, searched for byte by byte. */
import type { Stack } from "../stack/stack.ts";
import { logOf, page } from "./gauges.ts";

/** Shorter ones would be found by chance. */
const SHORTEST = 16;

export class Secrets {
  readonly #all = new Set<string>();

  constructor(...secrets: string[]) {
    this.add(...secrets);
  }

  add(...secrets: string[]): void {
    for (const secret of secrets) if (secret.length >= SHORTEST) this.#all.add(secret);
  }

  get size(): number {
    return this.#all.size;
  }

  /** Those that a text holds: as they are, or escaped. */
  in(text: string): string[] {
    return [...this.#all].filter((secret) => [secret, encodeURIComponent(secret)].some((written) => text.includes(written)));
  }
}

/** Every line of a log or of the metrics that holds a secret. */
export async function leaks(stack: Stack, secrets: Secrets): Promise<string[]> {
  if (secrets.size === 0) throw new Error("nothing to look for");
  const texts = await Promise.all(stack.gateways.map(async (gateway) => logOf(gateway) + (await page(gateway))));
  const lines = texts.flatMap((text) => (secrets.in(text).length === 0 ? [] : text.split("\n")));
  return lines.filter((line) => secrets.in(line).length > 0).map((line) => line.slice(0, 400));
}
