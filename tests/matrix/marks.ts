/** Whether anything of one realm stands in the bytes that somebody of another received. */
import assert from "node:assert/strict";
import { linkOf, type Person, type Realm, type World } from "./world.ts";

/** Texts by which a byte of those realms can be told: ids and names of their people, their tenants, and what they said in private. */
function marks({ people, messages }: World, realms: Realm[], ignored: string[]): string[] {
  const marked = Object.values(people).filter(({ realm, role }) => realms.includes(realm) && role !== "staffWhoWrote");
  const ids = new Set(marked.flatMap(({ id, tenantId }) => [id, ...(tenantId === null ? [] : [tenantId])]));
  const said = messages.filter(({ body }) => marked.some(({ name }) => body.includes(name)));
  return [...ids, ...marked.map(({ name }) => name), ...said.flatMap(({ id, body }) => [id, body])].filter((mark) => !ignored.includes(mark));
}

type Search = {
  /** Marks that they may know. */
  ignored?: string[];
  /** Which frames are searched; all when not given. */
  frames?: (frame: string) => boolean;
};

/** Searches everything that these people received; answers how many characters that was. */
export function assertUnmarked(world: World, receivers: Person[], realms: Realm[], { ignored = [], frames = () => true }: Search = {}): number {
  const searched = marks(world, realms, ignored);
  let bytes = 0;
  for (const receiver of receivers.filter(({ link }) => link)) {
    const received = linkOf(receiver).frames.filter(frames);
    bytes += received.join("").length;
    for (const mark of searched) {
      const found = received.find((frame) => frame.includes(mark));
      assert.equal(found, undefined, `${receiver.role} of ${receiver.realm} received "${mark}"`);
    }
  }
  return bytes;
}
