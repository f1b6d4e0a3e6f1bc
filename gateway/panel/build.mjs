/** Bundles src/define.ts into the file that the gateway embeds. `--out` puts it elsewhere, for the test that compares. */
import { build } from "esbuild";
import { parseArgs } from "node:util";

const { values } = parseArgs({ options: { out: { type: "string", default: "dist/panel.js" } } });

/** The panel asks for WebSocket and polling alone (src/connection); the client's third transport would be 1 kB that nobody runs. */
const withoutWebTransport = {
  name: "without WebTransport",
  setup({ onLoad }) {
    onLoad({ filter: /engine\.io-client\/build\/esm\/transports\/webtransport\.js$/ }, () => ({ contents: "export class WT {}" }));
  },
};

await build({
  entryPoints: ["src/define.ts"],
  outfile: values.out,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "eof",
  charset: "utf8",
  plugins: [withoutWebTransport],
  // Lit has a development build behind this condition; the default is the one for production.
  conditions: ["browser", "production"],
  tsconfig: "tsconfig.json",
});
