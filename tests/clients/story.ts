/** A file of stories on a stack. What a failed story needs to be understood stays behind and is named. */
import { after, test } from "node:test";
import { lastLines } from "../stack/log-tail.ts";
import { Stack, type StackOptions } from "../stack/stack.ts";
import { Scene } from "./scene.ts";
import type { Transport } from "./transport.ts";

/** Short, so that nobody waits for what takes seconds in production. */
const QUICK = {
  REALTIME_PRESENCE_GRACE_MS: "1000",
  REALTIME_PRESENCE_LEASE_MS: "4000",
  REALTIME_PRESENCE_HEARTBEAT_MS: "1000",
  REALTIME_SESSION_RECHECK_SECS: "1",
};

/** The start of a stack is in it. */
const STORY_WITHIN_MS = 90_000;

export type Story = (name: string, tell: (scene: Scene) => Promise<void>, options?: StoryOptions) => void;

export type StoryOptions = {
  /** What is missing for the story to come true. It is told all the same, and may fail. */
  todo?: string;
  withinMs?: number;
};

export type StoriesOptions = StackOptions & {
  /** Every story is told once over each of them. */
  over?: readonly Transport[];
  /** The stories do to their stack what others could not bear. */
  alone?: boolean;
};

const stacks = new Map<string, Promise<Stack>>();

/** Files with the same settings share a stack when they run in one process; see `all.ts`. */
function stackFor(options: StackOptions, key: string): Promise<Stack> {
  const stack = stacks.get(key) ?? Stack.start(options);
  stacks.set(key, stack);
  return stack;
}

after(async () => {
  for (const stack of stacks.values()) await (await stack.catch(() => undefined))?.stop();
});

let filesAlone = 0;

export function storiesOn({ env, over = ["websocket"], alone = false, ...options }: StoriesOptions = {}): Story {
  const stackOptions = { ...options, env: { ...QUICK, ...env } };
  const key = JSON.stringify([stackOptions, alone ? (filesAlone += 1) : 0]);
  return (name, tell, { todo, withinMs = STORY_WITHIN_MS } = {}) => {
    for (const transport of over) {
      const title = over.length > 1 ? `${name}, over ${transport}` : name;
      test(title, { timeout: withinMs, ...(todo === undefined ? {} : { todo }) }, async (context) => {
        const stack = await stackFor(stackOptions, key);
        const scene = new Scene(stack, transport);
        try {
          await tell(scene);
        } catch (error) {
          if (todo !== undefined) throw error;
          stack.keepState();
          context.diagnostic(`logs are in ${stack.logFolder}`);
          for (const { name, logFile } of stack.gateways) context.diagnostic(`${name}:${lastLines(logFile, 30)}`);
          throw error;
        } finally {
          scene.close();
        }
      });
    }
  };
}
