/** The manifests of deploy/kubernetes, as kustomize builds them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { check, deployFolder } from "./tool.ts";

// What is looked at here is what YAML gives; its schema is checked by others.
export type Manifest = Record<string, any>;

/** The text of each. */
export const built = new Map(
  ["base", "overlays/production"].map((name) => [name, check("kubectl", ["kustomize", join(deployFolder, "kubernetes", name)])]),
);

export function manifestsIn(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

export const manifests = manifestsIn(built.get("overlays/production")!);

export function only(kind: string, name: string): Manifest {
  const found = manifests.filter((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  assert.equal(found.length, 1, `${kind} ${name}`);
  return found[0]!;
}

export const settings = manifests.find(({ kind }) => kind === "ConfigMap")!.data as Record<string, string>;

/** What the gateway's container finds in its environment, with its secrets mounted at a folder. */
export function environmentOfPod(secrets: string): Record<string, string> {
  const { env, volumeMounts } = only("Deployment", "realtime-gateway").spec.template.spec.containers[0];
  const environment: Record<string, string> = { ...settings };
  for (const { name, value = "10.0.0.7" } of env as Manifest[]) {
    const text = value.replace(/\$\((\w+)\)/g, (_: string, other: string) => environment[other]);
    environment[name] = text.replace(volumeMounts[0].mountPath, secrets);
  }
  return environment;
}
