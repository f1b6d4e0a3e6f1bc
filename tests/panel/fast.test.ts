import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { waitUntil } from "../stack/wait-until.ts";
import { openConversation, openList, panelStories, untilStatus } from "./panel-story.ts";

const story = panelStories();
const PEOPLE = 10_000;
const MESSAGES = 50_000;

const TASK_MAX_MS = 50;

type TraceEvent = { name: string; ph: string; pid: number; tid: number; tdur?: number; args?: { name?: string } };

/** The longest of the page's tasks while something is done, by the time that the task itself computed: what other programs took does not count. */
async function longestTask(page: Page, task: () => Promise<void>): Promise<number> {
  const browser = page.context().browser();
  if (!browser) throw new Error("no browser");
  // What was thrown away before is not this task's.
  const debug = await page.context().newCDPSession(page);
  await debug.send("HeapProfiler.collectGarbage");
  await debug.detach();
  await browser.startTracing(page, { categories: ["toplevel", "disabled-by-default-devtools.timeline"] });
  await task();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString("utf8")) as { traceEvents: TraceEvent[] };
  const threadOf = ({ pid, tid }: TraceEvent) => `${pid}:${tid}`;
  const mainThreads = new Set(traceEvents.filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain").map(threadOf));
  const tasks = traceEvents.filter((event) => event.name === "RunTask" && event.tdur !== undefined && mainThreads.has(threadOf(event)));
  assert.ok(tasks.length > 50, `only ${tasks.length} tasks were traced`);
  return Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1_000;
}

const PASSES = 2;

/** Answers the longest task of all passes, in milliseconds. */
async function scrollsSmoothly(page: Page, pass: (index: number) => Promise<number>): Promise<string> {
  const met: number[] = [];
  for (let index = 0; index < PASSES; index += 1) {
    met.push(await longestTask(page, async () => {
      const most = await pass(index);
      assert.ok(most > 0 && most <= 200, `${most} rows`);
    }));
  }
  assert.ok(Math.max(...met) < TASK_MAX_MS, `tasks of ${met.join(" and ")} ms`);
  return `longest task ${Math.max(...met).toFixed(1)} ms`;
}

/** Rows of the list or the conversation that are in the document. */
function rows(page: Page): Promise<number> {
  return page.locator("realtime-chat li").count();
}

/** Scrolls frame by frame as a wheel does; answers the most rows there were. */
async function scroll(page: Page, testid: string, distance: number, frames: number): Promise<number> {
  return page.evaluate(async ([name, by, count]) => {
    const find = (root: ParentNode): Element | null => {
      for (const element of root.querySelectorAll("*")) {
        if (element.matches(name)) return element;
        const inner = element.shadowRoot && find(element.shadowRoot);
        if (inner) return inner;
      }
      return null;
    };
    const scroller = find(document) as HTMLElement;
    const root = scroller.shadowRoot ?? scroller;
    let most = 0;
    for (let frame = 0; frame < count; frame += 1) {
      scroller.scrollTop += by;
      await new Promise(requestAnimationFrame);
      most = Math.max(most, root.querySelectorAll("li").length);
    }
    return most;
  }, [testid, distance, frames] as const);
}

story("ten_thousand_people_online_scroll_without_a_long_task", async ({ gateway, page, note }) => {
  await untilStatus(page, "online");
  await openList(page);
  await page.getByTestId("tab-online").click();
  await page.getByTestId("online-user").first().waitFor();
  await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
  note(await scrollsSmoothly(page, (attempt) => scroll(page, "rt-rows", attempt % 2 ? -1_500 : 1_500, 120)));

  // A thousand changes, told one by one.
  await page.evaluate(() => {
    const chat = document.querySelector("realtime-chat") as HTMLElement & { updated(changed: unknown): void; renders: number };
    const { updated } = chat;
    chat.renders = 0;
    Object.assign(globalThis, { frames: 0 });
    chat.updated = (changed) => {
      chat.renders += 1;
      updated.call(chat, changed);
    };
    const count = () => {
      (globalThis as unknown as { frames: number }).frames += 1;
      requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
  });
  for (let index = 0; index < 1_000; index += 1) {
    gateway.namespace.emit("presence:diff", { online: [], offline: [{ id: `p${index}`, tenantId: "acme", lastSeenAt: null }] });
  }
  await page.getByTestId("tab-online").filter({ hasText: (PEOPLE - 1_000).toLocaleString("en") }).waitFor();
  const { renders, frames } = await page.evaluate(() => ({
    renders: (document.querySelector("realtime-chat") as unknown as { renders: number }).renders,
    frames: (globalThis as unknown as { frames: number }).frames,
  }));
  assert.ok(renders > 0 && renders <= frames + 1, `${renders} renders in ${frames} frames`);
}, { furnish: (gateway) => {
  gateway.add("bob", "Bob");
  gateway.write("bob", "bob", "hello");
  for (let index = 0; index < PEOPLE; index += 1) gateway.add(`p${index}`, `Person ${(index * 7_919) % PEOPLE}`, { isOnline: true });
} });

story("fifty_thousand_messages_scroll_without_a_long_task_and_history_loads_without_a_jump", async ({ gateway, page, note }) => {
  await openConversation(page, "bob");
  // Where the reader is when earlier messages come.
  const before = await page.getByTestId("message").first().getAttribute("data-seq");
  assert.ok(Number(before) > MESSAGES - 60);
  note(await scrollsSmoothly(page, () => scroll(page, ".scroller", -300, 150)));
  await waitUntil("earlier pages were asked for", async () => gateway.asked.filter(({ event }) => event === "message:history").length > 5);
  await page.getByTestId("jump").click();
  await page.getByTestId("message").last().filter({ hasText: `number ${MESSAGES}` }).waitFor();

  // All of it held: by the gap that a single old message leaves.
  gateway.namespace.emit("message:new", gateway.messages.get("bob")?.[0]);
  await waitUntil("everything is held", async () => page.evaluate((count) => {
    const chat = document.querySelector("realtime-chat") as unknown as { client: { getState(): { conversations: Map<string, { messages: unknown[] }> } } };
    return chat.client.getState().conversations.get("bob")?.messages.length === count;
  }, MESSAGES), 40_000);
  note(await scrollsSmoothly(page, (attempt) => scroll(page, ".scroller", attempt % 2 ? 4_000 : -4_000, 120)));
  assert.ok((await rows(page)) <= 200);
}, { furnish: (gateway) => {
  gateway.add("bob", "Bob", { isOnline: true });
  for (let index = 1; index <= MESSAGES; index += 1) gateway.write("bob", index % 3 ? "bob" : "me", `number ${index} ${"and so on ".repeat(index % 9)}`, new Date(Date.UTC(2026, 0, 1) + index * 60_000));
  Object.assign(gateway.mark("bob"), { myReadSeq: MESSAGES });
} });

story("history_loads_upward_without_moving_what_is_read", async ({ gateway, page }) => {
  await openConversation(page, "bob");
  let release = () => {};
  gateway.answer = (event) => (event === "message:history" ? new Promise((resolve) => { release = () => resolve(undefined); }) : undefined);
  await scroll(page, ".scroller", -10_000, 3);
  await waitUntil("the earlier page is asked for", async () => gateway.asked.filter(({ event }) => event === "message:history").length >= 2);
  const seq = await page.evaluate(() => {
    const list = document.querySelector("realtime-chat")?.shadowRoot?.querySelector("rt-conversation")?.shadowRoot?.querySelector("rt-messages");
    const top = list?.getBoundingClientRect().top ?? 0;
    const all = [...(list?.shadowRoot?.querySelectorAll<HTMLElement>("[data-seq]") ?? [])];
    return all.find((row) => row.getBoundingClientRect().top > top + 20)?.dataset.seq;
  });
  const place = () => page.locator(`[data-testid="message"][data-seq="${seq}"]`).evaluate((element) => element.getBoundingClientRect().top);
  const before = await place();
  release();
  await waitUntil("earlier messages are there", async () => page.evaluate(() => {
    const chat = document.querySelector("realtime-chat") as unknown as { client: { getState(): { conversations: Map<string, { messages: unknown[] }> } } };
    return (chat.client.getState().conversations.get("bob")?.messages.length ?? 0) >= 100;
  }));
  await page.evaluate(() => new Promise(requestAnimationFrame));
  assert.ok(Math.abs((await place()) - before) < 2, `moved from ${before} to ${await place()}`);
}, { furnish: (gateway) => {
  gateway.add("bob", "Bob", { isOnline: true });
  for (let index = 1; index <= 200; index += 1) gateway.write("bob", "bob", `number ${index} ${"and so on ".repeat((index * 7) % 31)}`);
  Object.assign(gateway.mark("bob"), { myReadSeq: 200 });
} });
