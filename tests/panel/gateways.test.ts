/** The panel as it is served, through nginx over two gateways. All stories in one process share one stack, whose start takes longer than most. */
import { readdirSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "gateways");
for (const file of readdirSync(folder).filter((name) => name.endsWith(".stories.ts")).sort()) await import(`./gateways/${file}`);
