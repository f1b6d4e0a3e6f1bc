/** Scripts and styles, held in memory: a handful of small files, and no path from a request ever touches the disk. */
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FastifyInstance } from "fastify";

const types: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

const publicFolder = fileURLToPath(new URL("../../public/", import.meta.url));

export function assetRoutes(app: FastifyInstance) {
  const serve = (url: string, file: string) => {
    const content = readFileSync(file);
    const type = types[extname(file)] ?? "application/octet-stream";
    app.get(url, async (_request, reply) =>
      reply.type(type).header("x-content-type-options", "nosniff").header("cache-control", "no-cache").send(content),
    );
  };
  for (const name of readdirSync(publicFolder)) serve(`/${name}`, join(publicFolder, name));
}
