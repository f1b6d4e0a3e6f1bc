/** The API as its users start it: migrate, seed, start, and a browser's worth of cookies. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const cwd = fileURLToPath(new URL("../", import.meta.url));

export function runScript(script: string, environment: Record<string, string>): string {
  return execFileSync(process.execPath, ["--import", "tsx", script], {
    cwd,
    env: { ...process.env, ...environment },
    encoding: "utf8",
  });
}

export async function startApi(environment: Record<string, string>) {
  const child = spawn(process.execPath, ["--import", "tsx", "src/server.ts"], {
    cwd,
    env: { ...process.env, PORT: "0", ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await Promise.race([
    once(createInterface(child.stdout), "line"),
    once(child, "exit").then(([code]) => Promise.reject(new Error(`the API ended with ${code}`))),
  ])) as [string];
  return {
    url: (JSON.parse(line) as { listening: string }).listening,
    async stop(): Promise<number | null> {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      const [code] = (await ended) as [number | null];
      return code;
    },
  };
}

export type Answer = { status: number; headers: Headers; body: any };

/** Keeps cookies as a browser does, and does not follow redirects. */
export class Browser {
  cookie = "";

  constructor(readonly origin: string) {}

  async get(path: string): Promise<Answer> {
    return this.#fetch(path, {});
  }

  async post(path: string, body: unknown): Promise<Answer> {
    return this.#fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  }

  async logIn(email: string, password = "demo"): Promise<Answer> {
    return this.post("/api/login", { email, password });
  }

  async #fetch(path: string, init: RequestInit): Promise<Answer> {
    const headers = { ...(init.headers as Record<string, string>), ...(this.cookie ? { cookie: this.cookie } : {}) };
    const response = await fetch(this.origin + path, { ...init, headers, redirect: "manual" });
    const set = response.headers.getSetCookie()[0];
    if (set) this.cookie = set.split(";")[0]!;
    const isJson = response.headers.get("content-type")?.startsWith("application/json");
    return { status: response.status, headers: response.headers, body: isJson ? await response.json() : await response.text() };
  }
}
