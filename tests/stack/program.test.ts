import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Program, type ServiceSpec } from "./program.ts";
import { waitUntil } from "./wait-until.ts";

const logFolder = mkdtempSync(join(tmpdir(), "program-"));
after(() => rmSync(logFolder, { recursive: true }));

function shell(name: string, script: string, more: Partial<ServiceSpec> = {}): ServiceSpec {
  return { name, command: "/bin/sh", args: ["-c", script], logFolder, isReady: async () => true, ...more };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("a_program_that_ends_before_it_is_ready_is_told_with_its_last_words", async () => {
  const start = Program.start(shell("quitter", "echo 'the port is taken' >&2; exit 3", { isReady: async () => false }));
  await assert.rejects(start, /^StackError: quitter ended with code 3 before it was ready; log: .*quitter\.log\n    the port is taken$/);
});

test("a_program_that_is_never_ready_is_ended", async () => {
  const start = Program.start(shell("dawdler", "echo 'still busy'; sleep 60", { isReady: async () => false, readyWithinMs: 300 }));
  await assert.rejects(start, /^StackError: dawdler: being ready did not come about within 0\.3 s; log: .*\n    still busy$/);
});

test("a_program_that_is_not_there_is_told", async () => {
  await assert.rejects(Program.run({ name: "nowhere", command: "/no/such/program", args: [], logFolder }), /^StackError: nowhere ended with code 1/);
});

test("a_program_that_ignores_the_stop_is_killed_with_its_children", async () => {
  const pidIn = (program: string) => Number(readFileSync(join(logFolder, `${program}.log`), "utf8"));
  const stubborn = shell("stubborn", "trap '' TERM; sleep 60 & echo $!; while :; do wait; done", {
    stopWithinMs: 300,
    isReady: async () => pidIn("stubborn") > 0,
  });
  const program = await Program.start(stubborn);
  await program.stop();
  assert.equal((await program.ended).signal, "SIGKILL");
  await waitUntil("the end of the child", async () => !isAlive(pidIn("stubborn")), 5_000);
});

test("a_program_stands_still_with_children_that_have_left_its_group", async () => {
  const pidIn = () => Number(readFileSync(join(logFolder, "still.log"), "utf8"));
  const stateOf = (pid: number) => /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1];
  const program = await Program.start(shell("still", "setsid sleep 60 & echo $!; wait", { isReady: async () => pidIn() > 0 }));
  program.freeze();
  await waitUntil("standing still", async () => stateOf(program.pid ?? 0) === "T" && stateOf(pidIn()) === "T", 5_000);
  program.thaw();
  await waitUntil("going on", async () => stateOf(pidIn()) === "S", 5_000);
  await program.kill("SIGKILL");
  await waitUntil("the end of the child", async () => !isAlive(pidIn()), 5_000);
});

test("only_an_end_that_nobody_asked_for_is_unexpected", async () => {
  const told: string[] = [];
  const stopped = await Program.start(shell("stopped", "sleep 60"));
  stopped.onUnexpectedEnd(({ message }) => told.push(message));
  await stopped.stop();
  const crashed = await Program.start(shell("crashed", "echo oh; exit 9"));
  crashed.onUnexpectedEnd(({ message }) => told.push(message));
  await crashed.ended;
  assert.equal(told.length, 1);
  assert.match(told[0] ?? "", /^crashed ended with code 9; log: .*\n    oh$/);
});

test("programs_do_not_outlive_a_parent_that_is_killed", async () => {
  const script = `
    import { Program } from ${JSON.stringify(import.meta.resolve("./program.ts"))};
    const program = await Program.start({ name: "orphan", command: "sleep", args: ["60"], logFolder: ${JSON.stringify(logFolder)}, isReady: async () => true });
    console.log(program.pid);
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  const pid = Number(line.toString());
  assert.ok(isAlive(pid));
  parent.kill("SIGKILL");
  await waitUntil("the end of the orphan", async () => !isAlive(pid), 5_000);
});
