import { once } from "node:events";
import { createServer } from "node:net";
import { StackError } from "./failure.ts";

/** Below the range from which the system takes ports for outgoing connections, so that none of those is in the way. */
const LOWEST = 20_000;
const HIGHEST = 32_000;

export async function isFree(port: number, host = "127.0.0.1"): Promise<boolean> {
  const probe = createServer().listen({ port, host, exclusive: true });
  try {
    await once(probe, "listening");
    return true;
  } catch {
    return false;
  } finally {
    probe.close();
  }
}

const given = new Set<number>();

export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 200; tries += 1) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new StackError(`no free port between ${LOWEST} and ${HIGHEST}`);
}
