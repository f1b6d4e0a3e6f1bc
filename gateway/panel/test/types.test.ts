/** The types as a portal has them: one file beside its sources, without Lit, the client, or anything else of ours. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

const PORTAL = `
import { connect, conversationsByTime, deliveryOf, unreadTotal, type ChatClient, type Conversation, type Message, type RealtimeChatElement } from "/realtime/panel.js";

const chat: ChatClient = connect({ portal: "dashboard" });
chat.subscribe((state, before) => {
  if (state.status.kind === "reconnecting") console.log(state.status.retryAt - Date.now(), before.self?.name);
  const first: Conversation | undefined = conversationsByTime(state)[0];
  if (first?.lastMessage) console.log(deliveryOf(first, first.lastMessage) === "read", unreadTotal(state));
});
chat.on("message:new", (message: Message) => console.log(message.seq + 1));
chat.on("notification", ({ text }: { text: string }) => console.log(text));

const panel: RealtimeChatElement = document.createElement("realtime-chat");
panel.tenantNames = { acme: "Acme" };
panel.addEventListener("chat-unread", ({ detail }) => console.log(detail.unread + 1));
document.addEventListener("chat-login", (event) => event.preventDefault());
document.querySelector("realtime-chat")?.client?.openConversation("bob");

// @ts-expect-error There is no such portal.
connect({ portal: "intranet" });
// @ts-expect-error Messages have a number.
chat.on("message:new", ({ seq }) => seq.length);
// @ts-expect-error The state is not to be written to.
chat.getState().conversations.clear();
`;

function faultsOf(source: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), "portal-"));
  try {
    const file = join(folder, "portal.ts");
    writeFileSync(file, source);
    const program = ts.createProgram([file], {
      strict: true, noEmit: true, skipLibCheck: false, types: [], target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler, lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
      paths: { "/realtime/panel.js": [resolve("dist/panel.d.ts")] },
    });
    return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a portal's own interface is checked against them", () => {
  expect(faultsOf(PORTAL)).toEqual([]);
}, 60_000);
