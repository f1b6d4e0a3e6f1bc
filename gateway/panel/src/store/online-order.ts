import type { User } from "../protocol/shapes.ts";

const { compare } = new Intl.Collator();

function byName(a: User, b: User): number {
  return compare(a.name ?? a.id, b.name ?? b.id) || (a.id < b.id ? -1 : 1);
}

/** Sorts by name what is much the same as last time: who stayed keeps the place, and newcomers are merged in. */
export function createNameOrder(): (users: readonly User[]) => readonly User[] {
  let sorted: readonly User[] = [];
  return (users) => {
    const now = new Map(users.map((user) => [user.id, user]));
    const stayed: User[] = [];
    for (const before of sorted) {
      const after = now.get(before.id);
      if (!after || after.name !== before.name) continue;
      stayed.push(after);
      now.delete(before.id);
    }
    const fresh = [...now.values()].sort(byName);
    const merged: User[] = [];
    let index = 0;
    for (const user of stayed) {
      for (let next = fresh[index]; next && byName(next, user) < 0; next = fresh[index]) {
        merged.push(next);
        index += 1;
      }
      merged.push(user);
    }
    sorted = [...merged, ...fresh.slice(index)];
    return sorted;
  };
}
