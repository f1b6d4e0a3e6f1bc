/** What went wrong, in words for the person at the terminal: the first line says it all, log lines may follow. */
export class StackError extends Error {}
