/** A user whose client is python-socketio: a process of its own, spoken to in lines of JSON. */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { StackError } from "../stack/failure.ts";
import { repository } from "../stack/repository.ts";
import { waitUntil } from "../stack/wait-until.ts";
import type { Login } from "./login.ts";
import type { Portal } from "./tab.ts";
import type { Ack } from "./wire.ts";

const folder = join(repository, "tests/python");
const python = join(folder, ".venv/bin/python");

/** One line of the process. */
type Told = {
  event?: string;
  payload?: unknown;
  ack?: Ack<unknown>;
  transport?: string;
  link?: "connected" | "refused" | "disconnected" | "failed";
  error?: unknown;
  reason?: string;
};

export class PythonUser {
  readonly told: Told[] = [];
  #complaints = "";

  private constructor(
    readonly login: Login,
    private readonly child: ChildProcess,
  ) {
    createInterface(child.stdout!).on("line", (line) => this.told.push(JSON.parse(line) as Told));
    child.stderr?.on("data", (text: Buffer) => (this.#complaints += text.toString()));
  }

  static start(login: Login, portal: Portal, transports: string[]): PythonUser {
    if (!existsSync(python)) throw new StackError(`${python} is not there: make tests/python/.venv/installed`);
    const args = [join(folder, "user.py"), login.origin, login.cookie, portal, transports.join(",")];
    return new PythonUser(login, spawn(python, args, { stdio: "pipe" }));
  }

  /** The first thing told, from `from` on, that fits. */
  async until(what: string, fits: (told: Told) => boolean, from = 0): Promise<Told> {
    return waitUntil(
      `${what} at ${this.login.userId} in Python`,
      async () => {
        const found = this.told.slice(from).find(fits);
        if (!found && this.child.exitCode !== null) throw new StackError(`Python ended: ${this.#complaints} ${JSON.stringify(this.told)}`);
        return found;
      },
      15_000,
    );
  }

  async next<T>(event: string, fits: (payload: T) => boolean = () => true): Promise<T> {
    return (await this.until(event, (told) => told.event === event && fits(told.payload as T))).payload as T;
  }

  async ack<T>(event: string, payload: unknown): Promise<Ack<T>> {
    const from = this.told.length;
    this.child.stdin?.write(`${JSON.stringify({ event, payload })}\n`);
    return (await this.until(`the ack of ${event}`, (told) => told.ack !== undefined, from)).ack as Ack<T>;
  }

  get transport(): string | undefined {
    return this.told.findLast(({ transport }) => transport !== undefined)?.transport;
  }

  /** Leaves in good order. */
  leave(): void {
    this.child.stdin?.end();
  }

  kill(): void {
    this.child.kill("SIGKILL");
  }
}
