/** What went wrong, in words for the person at the terminal: the first line says it all, log lines may follow, a trace helps nobody. */
export class StackError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "StackError";
    this.stack = message;
  }
}
