/** nginx as in `deploy/nginx`, with this stack's addresses filled in. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { requireExecutable } from "./executables.ts";
import { Program } from "./program.ts";
import { filledIn } from "./template.ts";

type Site = { listen: string; gateways: string[]; existingApi: string };

function hostOf(url: string): string {
  return new URL(url).host;
}

function siteOf({ listen, gateways, existingApi }: Site): string {
  const values: Record<string, string> = {
    LISTEN: listen,
    // Without a gateway, an address where nobody listens: nginx wants one.
    REALTIME_GATEWAYS: (gateways.length > 0 ? gateways : ["http://127.0.0.1:9"]).map((url) => `server ${hostOf(url)} max_fails=0;`).join(" "),
    EXISTING_API: hostOf(existingApi),
  };
  return filledIn("nginx/realtime.conf.template", values);
}

/** What a distribution's nginx.conf holds, but everything below our own folder and as the user that we are. */
function mainConfiguration(folder: string, requestLog: string | undefined): string {
  const user = process.getuid?.() === 0 ? "user root;\n" : "";
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `  ${kind}_temp_path ${join(folder, kind)};`);
  return `${user}daemon off;
pid ${join(folder, "nginx.pid")};
error_log stderr warn;
worker_processes 1;
events { worker_connections 4096; }
http {
  log_format noted '$status $request_method $uri $http_upgrade';
  access_log ${requestLog === undefined ? "off" : `${requestLog} noted`};
${temporary.join("\n")}
  include ${join(folder, "realtime.conf")};
}
`;
}

export type NotedRequest = { status: number; method: string; path: string; isUpgrade: boolean };

function requestLogIn(logFolder: string): string {
  return join(logFolder, "requests.log");
}

export function notedRequests(logFolder: string): NotedRequest[] {
  const file = requestLogIn(logFolder);
  const lines = existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
  return lines.map((line) => {
    const [status, method, path, upgrade] = line.split(" ");
    return { status: Number(status), method: method ?? "", path: path ?? "", isUpgrade: upgrade === "websocket" };
  });
}

export async function startNginx(
  site: Omit<Site, "listen">,
  { host, port, notesRequests }: { host: string; port: number; notesRequests: boolean },
  stateFolder: string,
  logFolder: string,
): Promise<{ program: Program; url: string }> {
  const folder = join(stateFolder, "nginx");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "realtime.conf"), siteOf({ ...site, listen: `${host}:${port}` }));
  writeFileSync(join(folder, "nginx.conf"), mainConfiguration(folder, notesRequests ? requestLogIn(logFolder) : undefined));
  const url = `http://127.0.0.1:${port}`;
  const program = await Program.start({
    name: "nginx",
    command: requireExecutable("nginx"),
    args: ["-p", folder, "-c", join(folder, "nginx.conf")],
    logFolder,
    isReady: async () => (await fetch(`${url}/healthz`)).ok,
    readyWithinMs: 10_000,
  });
  return { program, url };
}
