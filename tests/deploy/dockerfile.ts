/** A Dockerfile as its instructions, and the files of the repository that a build is given. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DockerfileParser } from "dockerfile-ast";
import { repository } from "../stack/repository.ts";

export type Step = { keyword: string; flags: Record<string, string>; text: string; words: string[] };

/** The stages in their order, each from its FROM on. */
export function stagesOf(file: string): Step[][] {
  const steps = DockerfileParser.parse(readFileSync(join(repository, file), "utf8"))
    .getInstructions()
    .map((instruction) => {
      const flags = "getFlags" in instruction ? (instruction.getFlags as () => { getName(): string; getValue(): string | null }[])() : [];
      const text = instruction.getArgumentsContent() ?? "";
      return {
        keyword: instruction.getKeyword(),
        flags: Object.fromEntries(flags.map((flag) => [flag.getName(), flag.getValue() ?? ""])),
        text,
        words: text.split(/\s+/),
      };
    });
  const stages: Step[][] = [];
  for (const step of steps) {
    if (step.keyword === "FROM") stages.push([]);
    stages.at(-1)?.push(step);
  }
  return stages;
}

export function only(stage: Step[], keyword: string): Step {
  const found = stage.filter((step) => step.keyword === keyword);
  if (found.length !== 1) throw new Error(`${found.length} times ${keyword}`);
  return found[0]!;
}

/** Whether `.dockerignore` lets a path into the build: its last line that fits says so. Understands whole paths and `*` alone. */
export function isInContext(path: string): boolean {
  const lines = readFileSync(join(repository, ".dockerignore"), "utf8").split("\n").filter((line) => line && !line.startsWith("#"));
  let isIn = true;
  for (const line of lines) {
    const pattern = line.replace(/^!/, "");
    if (pattern !== "*" && /[*?[]/.test(pattern)) throw new Error(`.dockerignore: ${line} is more than this understands`);
    if (pattern === "*" || path === pattern || path.startsWith(`${pattern}/`)) isIn = line.startsWith("!");
  }
  return isIn;
}
