/** The processes that `deaf.py` is. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export type Deaf = { leave(): void };

/** Comes back when all of them have joined, spread over the gateways. */
export async function joinDeaf(cookies: string[], urls: string[]): Promise<Deaf> {
  const places = urls.map((url) => new URL(url));
  const args = [fileURLToPath(new URL("deaf.py", import.meta.url)), places[0]?.hostname ?? "", ...places.map(({ port }) => port)];
  const child = spawn("python3", args, { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.on("error", () => {});
  child.stdin.write(`${cookies.join("\n")}\n\n`);
  const said = once(createInterface(child.stdout), "line") as Promise<[string]>;
  const [line] = await Promise.race([said, once(child, "exit").then(([code]) => [`ended with code ${code}`] as [string])]);
  if (line !== `deaf ${cookies.length}`) throw new Error(`deaf.py: ${line}`);
  return { leave: () => child.stdin.end() };
}
