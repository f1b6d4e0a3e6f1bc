/** One process of the system: its log in a file, ready on a condition, and no survivor of its parent. */
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { descendants } from "./descendants.ts";
import { findExecutable } from "./executables.ts";
import { StackError } from "./failure.ts";
import { lastLines } from "./log-tail.ts";
import { waitUntil } from "./wait-until.ts";

export type ProgramSpec = {
  name: string;
  command: string;
  args: string[];
  logFolder: string;
  /** Nothing is inherited but PATH, HOME and the language. */
  env?: Record<string, string>;
  cwd?: string;
  /** For programs that refuse to run as root. Without effect when we are somebody else already. */
  runAs?: string;
  stopSignal?: NodeJS.Signals;
  stopWithinMs?: number;
};

export type ServiceSpec = ProgramSpec & {
  isReady: () => Promise<boolean>;
  readyWithinMs?: number;
};

function isService(spec: ProgramSpec | ServiceSpec): spec is ServiceSpec {
  return "isReady" in spec;
}

export type Ending = { code: number | null; signal: NodeJS.Signals | null };

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** `setpriv` has the kernel end the program when this process dies, however it dies. */
function wrapped({ command, args, runAs, stopSignal }: ProgramSpec): [string, string[]] {
  const setpriv = findExecutable("setpriv");
  if (!setpriv) return [command, args];
  const identity = runAs && isRoot() ? [`--reuid=${runAs}`, `--regid=${runAs}`, "--init-groups"] : [];
  return [setpriv, [...identity, "--pdeathsig", stopSignal ?? "SIGTERM", "--", command, ...args]];
}

function inherited(): Record<string, string> {
  const names = ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "USER", "TMPDIR"];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
}

function describe({ code, signal }: Ending): string {
  return signal ? `was ended by ${signal}` : `ended with code ${code}`;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

export class Program {
  readonly name: string;
  readonly logFile: string;
  readonly ended: Promise<Ending>;
  #ending: Ending | undefined;
  #isStopping = false;

  private constructor(
    readonly spec: ProgramSpec | ServiceSpec,
    private readonly child: ChildProcess,
    logFile: string,
  ) {
    this.name = spec.name;
    this.logFile = logFile;
    this.ended = new Promise((resolve) => {
      const end = (ending: Ending) => {
        this.#ending ??= ending;
        resolve(this.#ending);
      };
      child.once("exit", (code, signal) => end({ code, signal }));
      child.once("error", () => end({ code: 127, signal: null }));
    });
  }

  private static spawn(spec: ProgramSpec | ServiceSpec): Program {
    mkdirSync(spec.logFolder, { recursive: true });
    const logFile = join(spec.logFolder, `${spec.name}.log`);
    const log = openSync(logFile, "a");
    const [command, args] = wrapped(spec);
    // A process group of its own: Ctrl-C reaches us alone, and we end the programs in the right order.
    const child = spawn(command, args, {
      stdio: ["ignore", log, log],
      detached: true,
      env: { ...inherited(), ...spec.env },
      ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
    });
    closeSync(log);
    return new Program(spec, child, logFile);
  }

  /** Starts a service and comes back when it is ready. */
  static async start(spec: ServiceSpec): Promise<Program> {
    const program = Program.spawn(spec);
    try {
      await waitUntil(
        `${spec.name}: being ready`,
        async () => {
          if (program.#ending) throw program.#failure(`${describe(program.#ending)} before it was ready`);
          return spec.isReady();
        },
        spec.readyWithinMs,
      );
    } catch (error) {
      await program.kill("SIGKILL");
      if (program.#ending?.signal !== "SIGKILL") throw error;
      throw new StackError(`${(error as Error).message}; log: ${program.logFile}${lastLines(program.logFile)}`);
    }
    return program;
  }

  /** Starts a service that has ended once more, as it was. */
  async again(): Promise<Program> {
    if (!isService(this.spec)) throw new StackError(`${this.name} is no service`);
    return Program.start(this.spec);
  }

  /** Runs a program to its end, which must be a good one. */
  static async run(spec: ProgramSpec): Promise<void> {
    const program = Program.spawn(spec);
    const ending = await program.ended;
    if (ending.code !== 0) throw program.#failure(describe(ending));
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get hasEnded(): boolean {
    return this.#ending !== undefined;
  }

  /** Calls back if the program ends without having been told to. */
  onUnexpectedEnd(tell: (failure: StackError) => void): void {
    void this.ended.then((ending) => {
      if (!this.#isStopping) tell(this.#failure(describe(ending)));
    });
  }

  /** Sends a signal that ends the program, and waits until it has. */
  async kill(signal: NodeJS.Signals): Promise<Ending> {
    this.#isStopping = true;
    if (!this.#ending) this.#signal(signal);
    return this.ended;
  }

  /** Stops its clock, and that of every process it has started: it answers nothing, and its connections stay. */
  freeze(): void {
    this.#signal("SIGSTOP");
  }

  /** Lets it go on. */
  thaw(): void {
    this.#signal("SIGCONT");
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#ending) return;
    this.#signal(this.spec.stopSignal ?? "SIGTERM");
    await Promise.race([this.ended, pause(this.spec.stopWithinMs ?? 10_000, undefined, { ref: false })]);
    if (!this.#ending) await this.kill("SIGKILL");
  }

  /** Whatever a program has started (nginx workers, Postgres' sessions) is killed, stands still and goes on with it. */
  #signal(signal: NodeJS.Signals): void {
    const pid = this.child.pid;
    if (pid === undefined || this.#ending) return;
    if (!["SIGKILL", "SIGSTOP", "SIGCONT"].includes(signal)) return send(pid, signal);
    // A parent that is killed loses its children, and one that stands still gets no new ones.
    const before = descendants(pid);
    send(-pid, signal);
    for (const child of new Set([...before, ...descendants(pid)])) send(child, signal);
  }

  #failure(what: string): StackError {
    return new StackError(`${this.name} ${what}; log: ${this.logFile}${lastLines(this.logFile)}`);
  }
}
