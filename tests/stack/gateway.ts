/** One instance of the gateway. It can be killed and started again at the same address. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { StackError } from "./failure.ts";
import { Program, type Ending } from "./program.ts";
import { repository } from "./repository.ts";

export type GatewayEnvironment = Record<string, string>;

/** What `make dev` and every test build; a measurement names another profile. */
export function gatewayBinary(): string {
  const target = process.env.CARGO_TARGET_DIR ?? join(repository, "target");
  const profile = process.env.GATEWAY_PROFILE ?? "debug";
  const binary = join(target, profile, "realtime-gateway");
  if (!existsSync(binary)) throw new StackError(`${binary} is not built: cargo build --bin realtime-gateway`);
  return binary;
}

export async function migrateGateway(logFolder: string, env: GatewayEnvironment, binary = gatewayBinary()): Promise<void> {
  await Program.run({ name: "gateway-migrate", command: binary, args: ["migrate"], logFolder, env });
}

/** Runs one of the binary's other commands; answers what it prints. */
export async function gatewayCommand(args: string[], env: GatewayEnvironment): Promise<string> {
  const { stdout } = await promisify(execFile)(gatewayBinary(), args, { env });
  return stdout;
}

export type Place = {
  name: string;
  port: number;
  opsPort: number;
  logFolder: string;
  env: GatewayEnvironment;
  /** Another version's; by default the one that is built here. */
  binary?: string | undefined;
};

export class Gateway {
  readonly url: string;
  readonly opsUrl: string;
  #program: Program | undefined;
  #tellUnexpectedEnd: (failure: StackError) => void = () => {};

  private constructor(private readonly place: Place) {
    this.url = `http://127.0.0.1:${place.port}`;
    this.opsUrl = `http://127.0.0.1:${place.opsPort}`;
  }

  static async start(place: Place): Promise<Gateway> {
    const gateway = new Gateway(place);
    await gateway.#start();
    return gateway;
  }

  get name(): string {
    return this.place.name;
  }

  get logFile(): string {
    return join(this.place.logFolder, `${this.place.name}.log`);
  }

  get pid(): number {
    const pid = this.#program?.pid;
    if (pid === undefined) throw new StackError(`${this.name} does not run`);
    return pid;
  }

  get isRunning(): boolean {
    return this.#program !== undefined && !this.#program.hasEnded;
  }

  onUnexpectedEnd(tell: (failure: StackError) => void): void {
    this.#tellUnexpectedEnd = tell;
    this.#program?.onUnexpectedEnd(tell);
  }

  /** Sends a signal that ends it and waits until it has ended. */
  async kill(signal: NodeJS.Signals): Promise<Ending> {
    if (!this.#program) throw new StackError(`${this.name} does not run`);
    return this.#program.kill(signal);
  }

  /** Stops its clock: it answers nothing, and its connections stay. */
  freeze(): void {
    this.#program?.freeze();
  }

  /** Lets it go on. */
  thaw(): void {
    this.#program?.thaw();
  }

  /** Starts it again, at the same address; what still runs is stopped first. */
  async restart(readyWithinMs?: number): Promise<void> {
    await this.stop();
    await this.#start(readyWithinMs);
    this.#program?.onUnexpectedEnd(this.#tellUnexpectedEnd);
  }

  async stop(): Promise<void> {
    await this.#program?.stop();
  }

  /** Runs one of the binary's other commands with this instance's settings; answers what it prints. */
  async command(...args: string[]): Promise<string> {
    return this.commandWith({}, ...args);
  }

  /** The same with other settings. */
  async commandWith(env: GatewayEnvironment, ...args: string[]): Promise<string> {
    return gatewayCommand(args, { ...this.place.env, ...env });
  }

  async #start(readyWithinMs?: number): Promise<void> {
    const { name, port, opsPort, logFolder, env, binary } = this.place;
    this.#program = await Program.start({
      name,
      command: binary ?? gatewayBinary(),
      args: ["serve"],
      logFolder,
      env: {
        ...env,
        REALTIME_BIND: `127.0.0.1:${port}`,
        REALTIME_OPS_BIND: `127.0.0.1:${opsPort}`,
        REALTIME_ADVERTISE_URL: this.url,
      },
      stopWithinMs: 30_000,
      ...(readyWithinMs === undefined ? {} : { readyWithinMs }),
      isReady: async () => (await fetch(`${this.opsUrl}/readyz`)).ok,
    });
  }
}
