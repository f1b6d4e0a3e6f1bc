/** Bundles src/define.ts into the script that the gateway embeds, and its types. `--out` puts both elsewhere, for the test that compares. */
import { generateDtsBundle } from "dts-bundle-generator";
import { build } from "esbuild";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { minify } from "terser";
import { minifiedTemplates } from "./minify-templates.mjs";

const { values } = parseArgs({ options: { out: { type: "string", default: "dist" } } });

/** The panel asks for WebSocket and polling alone (src/connection); the client's third transport would be 1 kB that nobody runs. */
const withoutWebTransport = {
  name: "without WebTransport",
  setup({ onLoad }) {
    onLoad({ filter: /engine\.io-client\/build\/esm\/transports\/webtransport\.js$/ }, () => ({ contents: "export class WT {}" }));
  },
};

const { outputFiles: [bundle] } = await build({
  entryPoints: ["src/define.ts"],
  write: false,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "eof",
  charset: "utf8",
  // What the libraries themselves name as their own inside; one of these names goes over the wire.
  mangleProps: /^_[^_]/,
  mangleQuoted: true,
  reserveProps: /^_placeholder$/,
  plugins: [withoutWebTransport, minifiedTemplates],
  // Lit has a development build behind this condition; the default is the one for production.
  conditions: ["browser", "production"],
  tsconfig: "tsconfig.json",
});
// What esbuild leaves to be had by looking again: 1.1 kB of the gzipped file.
const { code } = await minify(bundle.text, { module: true, ecma: 2022, compress: { passes: 3 }, format: { comments: /^!/ } });
await writeFile(join(values.out, "panel.js"), code);

const [types] = generateDtsBundle([{ filePath: "src/define.ts", output: { inlineDeclareGlobals: true, exportReferencedTypes: false, noBanner: true } }], { preferredConfigPath: "tsconfig.json" });
await writeFile(join(values.out, "panel.d.ts"), types);
