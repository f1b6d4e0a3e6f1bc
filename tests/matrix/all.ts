/** All of them in one process: those with the same settings share a stack. */
import { readdirSync } from "node:fs";

for (const file of readdirSync(import.meta.dirname).filter((name) => name.endsWith(".test.ts")).sort()) await import(`./${file}`);
