/** All stories in one process: those with the same settings share a stack, whose start takes longer than most of them. */
import { readdirSync } from "node:fs";

for (const file of readdirSync(import.meta.dirname).filter((name) => name.endsWith(".test.ts")).sort()) await import(`./${file}`);
