import { expect, test } from "vitest";
import { minifyTemplates } from "../minify-templates.mjs";

test("styles lose their white space and comments, and mean the same", () => {
  const source = "css`\n  /* why */\n  .a :hover > b, .c { color: red; inset: calc(1px + ${2 * gap}px); }\n  @media (width > 5px) { ${dark} }\n`";
  expect(minifyTemplates(source)).toBe("css` .a :hover > b,.c{color:red;inset:calc(1px + ${2 * gap}px)}@media (width > 5px){${dark}}`");
});

test("markup keeps a space where a line breaks, and whatever stands in expressions and in other texts", () => {
  const source = "html`<b>\n   ${inner ? html`<i\n  class=x>${`a\n  b`}</i>` : \"\"}</b>\n  <em>`; other`a\n  b`; // html`\n";
  expect(minifyTemplates(source)).toBe("html`<b> ${inner ? html`<i class=x>${`a\n  b`}</i>` : \"\"}</b> <em>`; other`a\n  b`; // html`\n");
});
