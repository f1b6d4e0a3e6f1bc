/** Where cargo puts what it builds. */
import { join } from "node:path";
import { repository } from "../stack/repository.ts";

export function built(...path: string[]): string {
  return join(process.env.CARGO_TARGET_DIR ?? join(repository, "target"), ...path);
}
