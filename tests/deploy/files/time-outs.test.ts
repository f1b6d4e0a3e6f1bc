/** The table of time-outs says what the code says, and names tests that there are. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { repository } from "../../stack/repository.ts";
import { deployFolder } from "./tool.ts";

type Row = { file: string | undefined; name: string; value: string; tests: string[]; line: string };

const sources = join(repository, "gateway/src");

function quoted(cell = ""): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text!);
}

const rows: Row[] = readFileSync(join(deployFolder, "TIME-OUTS.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => {
    const [what, value, , tests] = line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, ""));
    const names = quoted(what);
    const file = names.length === 2 ? names[0] : undefined;
    return { file, name: names.at(-1)!, value: value!, tests: quoted(tests), line };
  });

function filesBelow(folder: string, fits: RegExp): string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile() && fits.test(entry.name)).map((entry) => join(entry.parentPath, entry.name));
  return files.filter((file) => !file.includes("node_modules"));
}

const UNITS: Record<string, number> = { millis: 1, ms: 1, secs: 1_000, s: 1_000, mins: 60_000, min: 60_000, hours: 3_600_000 };

/** Milliseconds, or a plain number. */
function amount(text: string): number {
  const [, number, unit] = /^([\d_]+) ?(\w*)$/.exec(text) ?? [];
  return Number(number?.replaceAll("_", "")) * (unit ? (UNITS[unit] ?? Number.NaN) : 1);
}

/** What the code says: a constant, or a setting of Postgres inside a statement. */
function inCode({ file, name }: Row): number {
  const text = readFileSync(join(sources, file!), "utf8");
  const constant = new RegExp(`const ${name}: \\w+ = (?:Duration::from_(\\w+)\\(([\\d_]+)\\)|([\\d_]+));`).exec(text);
  if (constant) return constant[3] ? amount(constant[3]) : amount(`${constant[2]} ${constant[1]}`);
  if (text.includes(`const ${name}: Duration = Redis::COMMAND_TIMEOUT.saturating_mul(2)`)) return 2 * inCode(rows.find((row) => row.name === "COMMAND_TIMEOUT")!);
  return amount(new RegExp(`set ${name} = '(\\d+) ?(\\w+)'`).exec(text)?.slice(1).join(" ") ?? "");
}

test("every_value_is_the_codes_own", () => {
  const example = readFileSync(join(deployFolder, "gateway.env.example"), "utf8");
  assert.ok(rows.length > 50);
  for (const row of rows) {
    const found = row.file === undefined ? Number(new RegExp(`^${row.name}=(\\d+)$`, "m").exec(example)?.[1]) : inCode(row);
    assert.equal(found, amount(row.value), row.line);
  }
});

test("every_time_out_of_the_code_stands_there", () => {
  const declared = filesBelow(sources, /\.rs$/).flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/^ *(?:pub(?:\(\w+\))? )?const (\w*TIMEOUT): Duration/gm)].map(([, name]) => `${file.slice(sources.length + 1)} ${name}`),
  );
  const told = new Set(rows.map(({ file, name }) => `${file} ${name}`));
  // Times of tests beside the code, and of a command that people wait for.
  const others = ["transport/heartbeat.rs TIMEOUT", "db/migrations.rs CONNECT_TIMEOUT"];
  assert.deepEqual(declared.filter((name) => !told.has(name) && !others.includes(name)), []);
});

test("every_test_that_is_named_is_there", () => {
  const folders = [sources, join(repository, "tests")];
  const texts = folders.flatMap((folder) => filesBelow(folder, /\.(rs|test\.ts)$/)).map((file) => readFileSync(file, "utf8"));
  const declared = texts.join("\n");
  for (const { tests, line } of rows) {
    for (const name of tests) assert.ok([`fn ${name}(`, `"${name}"`, `\`${name}`].some((form) => declared.includes(form)), `${name}: ${line}`);
  }
});
