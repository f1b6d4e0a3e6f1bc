/** Takes the white space that only authors need out of Lit's templates, which a minifier of scripts must leave alone. */
import { readFile } from "node:fs/promises";
import ts from "typescript";

/** Between the tags of html one space remains, since it may stand between two words. */
const minifiers = {
  css: (text) => text.replace(/\/\*.*?\*\//gs, "").replace(/\s+/g, " ").replace(/ ?([{};,]) ?/g, "$1").replace(/: /g, ":").replace(/;}/g, "}"),
  html: (text) => text.replace(/\s*\n\s*/g, " "),
};

/** The pieces of a template between its expressions, with their places in the file. */
function piecesOf(template) {
  return ts.isNoSubstitutionTemplateLiteral(template) ? [template] : [template.head, ...template.templateSpans.map(({ literal }) => literal)];
}

export function minifyTemplates(source) {
  const file = ts.createSourceFile("template.ts", source, ts.ScriptTarget.Latest, true);
  const edits = [];
  const visit = (node) => {
    if (ts.isTaggedTemplateExpression(node)) {
      const minify = minifiers[node.tag.getText()];
      // Inside of the quotes: "`…`", "`…${", "}…${" or "}…`".
      if (minify) for (const piece of piecesOf(node.template)) {
        edits.push({ from: piece.getStart() + 1, to: piece.end - (piece.getText().endsWith("${") ? 2 : 1), minify });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  edits.sort((a, b) => b.from - a.from);
  return edits.reduce((text, { from, to, minify }) => text.slice(0, from) + minify(text.slice(from, to)) + text.slice(to), source);
}

export const minifiedTemplates = {
  name: "minified templates",
  setup({ onLoad }) {
    onLoad({ filter: /src\/elements\/.*\.ts$/ }, async ({ path }) => ({ contents: minifyTemplates(await readFile(path, "utf8")), loader: "ts" }));
  },
};
