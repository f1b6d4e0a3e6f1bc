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
  if (constant) return constant[3] ? amount(name.endsWith("_SECS") ? `${constant[3]} s` : constant[3]) : amount(`${constant[2]} ${constant[1]}`);
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

/** Durations that bound nothing: how soon something is tried again, how often it is done or told, and slack of clocks. */
const NO_LIMITS = [
  "app/drain.rs POLL",
  "app/junk.rs MENTION_EVERY",
  "auth/live/driver.rs AFTER_END",
  "auth/live/driver.rs FAR",
  "auth/live/driver.rs RETRY",
  "auth/live/keyspace.rs RETRY",
  "bus/publisher.rs RETRY",
  "bus/subscriber.rs RECONNECT_MIN",
  "chat/writer.rs RETRY",
  "commands/privacy.rs TELL_EVERY",
  "presence/follower.rs RETRY",
  "presence/scope.rs COUNT_PERIOD",
  "presence/sweeper.rs OWN_MARGIN",
  "presence/sweeper.rs RETRY",
  "presence/writer.rs RETRY",
  "reach/directory.rs RETRY",
  "transport/heartbeat.rs TIMER_SLACK",
  "transport/polling.rs NOOP_EVERY",
];

/** The durations that a file declares, but for those of its tests. */
function durationsIn(file: string): string[] {
  const [code = ""] = readFileSync(file, "utf8").split(/^#\[cfg\(test\)\]\nmod \w+ \{/m);
  const constants = code.matchAll(/^ *(?:pub(?:\([\w: ]+\))? )?const (\w+: Duration|\w+_SECS: u64) =/gm);
  return [...constants].map(([, declaration]) => `${file.slice(sources.length + 1)} ${declaration!.replace(/:.*/, "")}`);
}

test("every_duration_of_the_code_stands_there_or_bounds_nothing", () => {
  const files = filesBelow(sources, /\.rs$/).filter((file) => !/tests[/.]/.test(file.slice(sources.length)));
  const declared = files.flatMap(durationsIn);
  const told = new Set([...NO_LIMITS, ...rows.map(({ file, name }) => `${file} ${name}`)]);
  assert.ok(declared.length > 50);
  assert.deepEqual(declared.filter((name) => !told.has(name)), []);
  assert.deepEqual(NO_LIMITS.filter((name) => !declared.includes(name)), [], "which are gone");
});

test("every_duration_among_the_settings_stands_there", () => {
  const example = readFileSync(join(deployFolder, "gateway.env.example"), "utf8");
  const settings = [...example.matchAll(/^#?(REALTIME_\w+_(?:MS|SECS))=/gm)].map(([, name]) => name!);
  assert.ok(settings.length > 5);
  assert.deepEqual(settings.filter((name) => !rows.some((row) => row.name === name)), []);
});

test("every_test_that_is_named_is_there", () => {
  const folders = [sources, join(repository, "tests")];
  const texts = folders.flatMap((folder) => filesBelow(folder, /\.(rs|test\.ts)$/)).map((file) => readFileSync(file, "utf8"));
  const declared = texts.join("\n");
  for (const { tests, line } of rows) {
    for (const name of tests) assert.ok([`fn ${name}(`, `"${name}"`, `\`${name}`].some((form) => declared.includes(form)), `${name}: ${line}`);
  }
});
