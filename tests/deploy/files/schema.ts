/** Whether a manifest fits a schema to the letter: these validators let pass whatever they do not know, as the API server does. */
import type { Manifest } from "./manifests.ts";

/** A class of @kubernetes-models: its `validate` throws with what is wrong. */
export type Schema = new (manifest: any) => Manifest & { validate(): void };

/** The same value, which notes the path of each thing that is asked of it. */
function watched<T>(value: T, path: string, asked: Set<string>): T {
  if (typeof value !== "object" || value === null) return value;
  return new Proxy(value, {
    get(target, name) {
      const found = Reflect.get(target, name) as unknown;
      if (typeof name === "symbol" || !Object.hasOwn(target, name)) return found;
      asked.add(`${path}/${name}`);
      return watched(found, `${path}/${name}`, asked);
    },
  });
}

function paths(value: unknown, path: string): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [`${path}/${name}`, ...paths(inner, `${path}/${name}`)]);
}

/** What the schema refuses, and what it never asks for. */
export function faultsOf(manifest: Manifest, Kind: Schema): string[] {
  const asked = new Set<string>();
  const model = new Kind(manifest);
  // Afterwards: the constructor copies everything.
  for (const [name, part] of Object.entries(model)) model[name] = watched(part, name, asked);
  try {
    model.validate();
  } catch (error) {
    return [(error as Error).message];
  }
  const inner = Object.entries(manifest).flatMap(([name, part]) => paths(part, name));
  return inner.filter((path) => !asked.has(path)).map((path) => `${path} is unknown`);
}
