/** HAProxy as in `deploy/haproxy`, in front of a stack that runs. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { requireExecutable } from "./executables.ts";
import { freePort } from "./ports.ts";
import { Program } from "./program.ts";
import type { Stack } from "./stack.ts";
import { filledIn } from "./template.ts";

/** `server` lines of a backend; checked at their operators' listener, or not at all. */
function servers(stack: Stack, { checked }: { checked: boolean }): string {
  const lines = stack.gateways.map(({ name, url, opsUrl }) => {
    const check = checked ? ` check port ${new URL(opsUrl).port}` : "";
    return `server ${name} ${new URL(url).host}${check}`;
  });
  return lines.join("\n    ");
}

export async function startHaproxy(stack: Stack): Promise<{ program: Program; url: string }> {
  const folder = join(stack.stateFolder, "haproxy");
  mkdirSync(folder, { recursive: true });
  const address = `127.0.0.1:${await freePort()}`;
  const configuration = join(folder, "haproxy.cfg");
  writeFileSync(
    configuration,
    filledIn("haproxy/haproxy.cfg.template", {
      LISTEN: address,
      REALTIME_GATEWAYS: servers(stack, { checked: true }),
      REALTIME_GATEWAY_LINKS: servers(stack, { checked: false }),
      EXISTING_API: new URL(stack.api.url).host,
    }),
  );
  const program = await Program.start({
    name: "haproxy",
    command: requireExecutable("haproxy"),
    args: ["-W", "-f", configuration],
    logFolder: stack.logFolder,
    isReady: async () => (await fetch(`http://${address}/healthz`)).ok,
    readyWithinMs: 10_000,
  });
  return { program, url: `http://${address}` };
}
