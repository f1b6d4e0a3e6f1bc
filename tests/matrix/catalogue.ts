/** The events that clients send, with the fields of their payloads: read from the committed types, so that none can be forgotten. */
import { readFileSync } from "node:fs";
import ts from "typescript";

/** What may stand in a field, by what the types say of it. */
export type FieldKind = "text" | "integer" | "boolean" | "texts" | "integers by key" | "others";

export type Field = { name: string; kind: FieldKind; isOptional: boolean };
export type ClientEvent = { name: string; fields: Field[] };

const KINDS: Record<string, FieldKind> = {
  string: "text",
  number: "integer",
  boolean: "boolean",
  "Array<string>": "texts",
  "{ [key in string]: number }": "integers by key",
  SyncOthers: "others",
};

const TYPES = new URL("../../shared-protocol/typescript/index.d.ts", import.meta.url);

export function clientEvents(): ClientEvent[] {
  const source = ts.createSourceFile("index.d.ts", readFileSync(TYPES, "utf8"), ts.ScriptTarget.Latest, true);
  const aliases = new Map(source.statements.filter(ts.isTypeAliasDeclaration).map((alias) => [alias.name.text, alias.type]));
  const events = source.statements.filter(ts.isInterfaceDeclaration).find(({ name }) => name.text === "ClientToServerEvents");
  if (!events) throw new Error("there is no interface ClientToServerEvents");
  return events.members.filter(ts.isPropertySignature).map((event) => {
    const name = (event.name as ts.StringLiteral).text;
    const payload = (event.type as ts.FunctionTypeNode).parameters[0]?.type?.getText() ?? "";
    const shape = aliases.get(payload);
    if (!shape || !ts.isTypeLiteralNode(shape)) throw new Error(`${name}: the payload ${payload} is no object`);
    return { name, fields: shape.members.filter(ts.isPropertySignature).map((member) => field(name, member)) };
  });
}

function field(event: string, member: ts.PropertySignature): Field {
  const name = member.name.getText();
  const type = member.type?.getText().replace(" | null", "") ?? "";
  const kind = KINDS[type];
  if (!kind) throw new Error(`${event}: the type ${type} of ${name} is new here`);
  return { name, kind, isOptional: member.questionToken !== undefined };
}
