/** Carries the steps of deploy/Dockerfile out without a container engine: in a clean folder, with the files that a build is given. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { repository } from "../../stack/repository.ts";
import { isInContext, stagesOf, type Step } from "../dockerfile.ts";

/** The same build, cheaper: what is tried is the steps, not the optimiser. IMAGE_PROFILE=release leaves the profile as it is. */
const CHEAP = {
  CARGO_PROFILE_RELEASE_OPT_LEVEL: "0",
  CARGO_PROFILE_RELEASE_LTO: "off",
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "256",
  CARGO_PROFILE_RELEASE_DEBUG: "0",
};

export type Built = {
  /** What each RUN printed, in order. */
  outputs: string[];
  /** The root of the image, without its base. */
  root: string;
};

class Stage {
  #workdir = "/";

  constructor(
    readonly root: string,
    private readonly former: Stage | undefined,
  ) {}

  /** Where a path of the image lies here. */
  place(path: string): string {
    return join(this.root, path.startsWith("/") ? path : join(this.#workdir, path));
  }

  async carryOut({ keyword, flags, text, words }: Step, outputs: string[]): Promise<void> {
    if (keyword === "WORKDIR") {
      this.#workdir = text;
      mkdirSync(this.place("."), { recursive: true });
    } else if (keyword === "COPY") {
      const target = words.at(-1)!;
      for (const source of words.slice(0, -1)) this.#copy(source, target, words.length > 2 || target.endsWith("/"), flags.from !== undefined);
    } else if (keyword === "RUN") {
      outputs.push(await run(text, this.place(".")));
    }
  }

  #copy(source: string, target: string, intoFolder: boolean, isBuilt: boolean): void {
    const from = isBuilt ? this.former!.place(source) : join(repository, source);
    // What the base image brings is not here.
    if (isBuilt && !from.startsWith(join(this.former!.root, "src"))) return;
    const place = this.place(intoFolder ? join(target, source.split("/").at(-1)!) : target);
    mkdirSync(dirname(place), { recursive: true });
    cpSync(from, place, { recursive: true, preserveTimestamps: true, filter: (path) => isBuilt || isInContext(relative(repository, path)) });
  }
}

async function run(command: string, cwd: string): Promise<string> {
  const { CARGO_TARGET_DIR: _, ...inherited } = process.env;
  const env = { ...inherited, ...(process.env.IMAGE_PROFILE === "release" ? {} : CHEAP) };
  // Whoever else works on this machine goes first.
  const child = spawn("nice", ["-n", "19", "bash", "-euo", "pipefail", "-c", command], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const [code] = (await once(child, "close")) as [number];
  if (code !== 0) throw new Error(`${command}\nended with ${code}\n${output.slice(-4_000)}`);
  return output;
}

export async function buildImage(folder: string): Promise<Built> {
  const outputs: string[] = [];
  let former: Stage | undefined;
  for (const [n, steps] of stagesOf("deploy/Dockerfile").entries()) {
    const stage = new Stage(join(folder, `stage-${n}`), former);
    mkdirSync(stage.root, { recursive: true });
    for (const step of steps) await stage.carryOut(step, outputs);
    former = stage;
  }
  return { outputs, root: former!.root };
}
