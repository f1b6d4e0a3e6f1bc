/** A name inside a sentence: whichever way it runs, what stands around it keeps its place. */
export function isolate(name: string): string {
  return `\u2068${name}\u2069`;
}
