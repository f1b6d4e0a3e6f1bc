/** Notices when the machine kept this process waiting: then no server can have kept its deadlines either. */

const TICK_MS = 10;
/** Well below what separates the deadlines that cases tell apart. */
const STALL_MS = 40;

export class Stalls {
  #count = 0;
  #last = performance.now();
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = setInterval(() => this.#look(), TICK_MS);
  }

  /** How many there were. */
  get count(): number {
    this.#look();
    return this.#count;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    if (now - this.#last > STALL_MS) this.#count += 1;
    this.#last = now;
  }
}
