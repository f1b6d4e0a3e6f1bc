import { fileURLToPath } from "node:url";

/** The top of the work tree, with a trailing slash. */
export const repository = fileURLToPath(new URL("../../", import.meta.url));
