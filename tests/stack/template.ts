/** The templates of `deploy/`, filled in as `envsubst` does it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./repository.ts";

export function filledIn(template: string, values: Record<string, string>): string {
  const text = readFileSync(join(repository, "deploy", template), "utf8");
  return text.replace(/\$\{(\w+)\}/g, (placeholder, name: string) => values[name] ?? placeholder);
}
