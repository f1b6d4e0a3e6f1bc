/** The image's build, carried out: a binary comes of it that runs as nobody, and a change of the sources builds no dependency anew. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { freePort } from "../../stack/ports.ts";
import { waitUntil } from "../../stack/wait-until.ts";
import { only, stagesOf } from "../dockerfile.ts";
import { buildImage, type Built } from "./build.ts";

/** What debian:bookworm-slim has of its own. */
const LIBRARIES = ["linux-vdso.so.1", "libgcc_s.so.1", "libm.so.6", "libc.so.6", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"];

const folder = mkdtempSync(join(tmpdir(), "realtime-image-"));
let built: Built;
let binary: string;

before(async () => {
  built = await buildImage(folder);
  binary = join(built.root, "usr/local/bin/realtime-gateway");
  // Whoever runs it has to get there.
  chmodSync(folder, 0o755);
}, { timeout: 40 * 60_000 });

after(() => rmSync(folder, { recursive: true, force: true }));

test("a_change_of_the_sources_builds_no_dependency_anew", () => {
  const [dependencies, sources] = built.outputs.map((output) => [...output.matchAll(/^ *Compiling (\S+)/gm)].map(([, name]) => name!));
  assert.ok(dependencies!.length > 100);
  assert.deepEqual(sources!.sort(), ["gateway", "shared-protocol"]);
});

test("the_binary_is_the_real_one_and_finds_its_libraries_in_the_base_image", () => {
  const help = execFileSync(binary, ["--help"], { encoding: "utf8" });
  for (const command of ["serve", "migrate", "check", "presence", "erase-user", "prune"]) assert.match(help, new RegExp(`^ +${command} `, "m"));
  const needed = [...execFileSync("ldd", [binary], { encoding: "utf8" }).matchAll(/^\s*(\S+)/gm)].map(([, library]) => library!.split("/").at(-1)!);
  assert.deepEqual(needed.filter((library) => !LIBRARIES.includes(library)), []);
});

test("it_serves_as_nobody_with_what_the_image_says", { timeout: 30_000 }, async () => {
  const [, image] = stagesOf("deploy/Dockerfile");
  const [uid, gid] = only(image!, "USER").text.split(":");
  const [public_, ops] = [await freePort(), await freePort()];
  const env = {
    ...Object.fromEntries([only(image!, "ENV").text.split("=")]),
    DATABASE_URL: "postgres://nobody@127.0.0.1:9/none",
    REDIS_URL: "redis://127.0.0.1:9",
    REALTIME_SESSION_SECRET: "a secret that everybody may know: tests only",
    REALTIME_BIND: `127.0.0.1:${public_}`,
    REALTIME_OPS_BIND: `127.0.0.1:${ops}`,
  };
  const command = JSON.parse(only(image!, "CMD").text) as string[];
  const identity = process.getuid?.() === 0 ? ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "--no-new-privs", "--"] : ["env"];
  const gateway = spawn(identity[0]!, [...identity.slice(1), binary, ...command], { env, cwd: "/", stdio: "ignore" });
  try {
    await waitUntil("it to live", async () => (await fetch(`http://127.0.0.1:${ops}/livez`)).ok);
    assert.equal((await fetch(`http://127.0.0.1:${ops}/readyz`)).status, 503);
    assert.equal((await fetch(`http://127.0.0.1:${public_}/realtime/panel.js`)).status, 200);
  } finally {
    gateway.kill("SIGTERM");
    assert.deepEqual(await once(gateway, "close"), [0, null]);
  }
});
