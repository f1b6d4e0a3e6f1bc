/** A stack for one file of stories. What a failed story needs to be understood stays behind and is named. */
import { after, before, test } from "node:test";
import { lastLines } from "../stack/log-tail.ts";
import { Stack, type StackOptions } from "../stack/stack.ts";
import { Scene } from "./scene.ts";

/** Short, so that nobody waits for what takes seconds in production. */
const QUICK = {
  REALTIME_PRESENCE_GRACE_MS: "1000",
  REALTIME_PRESENCE_LEASE_MS: "4000",
  REALTIME_PRESENCE_HEARTBEAT_MS: "1000",
  REALTIME_SESSION_RECHECK_SECS: "1",
};

const STORY_WITHIN_MS = 60_000;

export type Story = (name: string, tell: (scene: Scene) => Promise<void>) => void;

export function storiesOn({ env, ...options }: StackOptions = {}): Story {
  let stack: Stack | undefined;
  before(async () => {
    stack = await Stack.start({ ...options, env: { ...QUICK, ...env } });
  });
  after(async () => {
    await stack?.stop();
  });
  return (name, tell) => {
    test(name, { timeout: STORY_WITHIN_MS }, async (context) => {
      if (!stack) throw new Error("the stack did not start");
      const scene = new Scene(stack);
      try {
        await tell(scene);
      } catch (error) {
        stack.keepState();
        context.diagnostic(`logs are in ${stack.logFolder}`);
        for (const { name, logFile } of stack.gateways) context.diagnostic(`${name}:${lastLines(logFile, 30)}`);
        throw error;
      } finally {
        scene.close();
      }
    });
  };
}
