import { readFileSync } from "node:fs";

/** The last lines of a log, indented, to be put below a failure. */
export function lastLines(file: string, count = 12): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return "";
  }
  const lines = text.trimEnd().split("\n").slice(-count);
  return lines.map((line) => `\n    ${line.slice(0, 500)}`).join("");
}
