/** The gateway embeds a file that is committed, so that cargo needs no Node. It has to be what the sources make. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";

const committed = readFileSync("dist/panel.js", "utf8");

test("the committed bundle is what the sources make; `make panel` builds it anew", () => {
  const folder = mkdtempSync(join(tmpdir(), "panel-"));
  try {
    execFileSync(process.execPath, ["build.mjs", "--out", folder], { stdio: "ignore" });
    for (const name of ["panel.js", "panel.d.ts"]) {
      expect(readFileSync(join(folder, name), "utf8") === readFileSync(join("dist", name), "utf8"), name).toBe(true);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000);

test("it weighs less than 45 kB gzipped and evaluates nothing", () => {
  expect(gzipSync(committed, { level: 9 }).length).toBeLessThan(45_000);
  expect(committed).not.toMatch(/\beval\(|new Function\(/);
});
