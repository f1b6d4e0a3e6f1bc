/** Who is online. Diffs are upserts. */
import type { PresenceAction } from "./actions.ts";
import { knowPeople } from "./people.ts";
import type { State } from "./state.ts";

export function reducePresence(state: State, action: PresenceAction): State {
  const { presence } = state;
  switch (action.type) {
    case "presence/replaced": {
      const online = new Map(action.users.map((user) => [user.id, user]));
      const people = knowPeople(state.people, action.users);
      return { ...state, people, presence: { ...presence, online, total: action.total, nextCursor: action.nextCursor } };
    }
    case "presence/paged": {
      const online = new Map(presence.online);
      for (const user of action.users) online.set(user.id, user);
      const people = knowPeople(state.people, action.users);
      return { ...state, people, presence: { ...presence, online, total: action.total, nextCursor: action.nextCursor } };
    }
    case "presence/changed": {
      const online = new Map(presence.online);
      for (const user of action.online) online.set(user.id, user);
      for (const { id } of action.offline) online.delete(id);
      const left = action.offline.flatMap(({ id, lastSeenAt }) => {
        const person = state.people.get(id);
        return person ? [{ ...person, lastSeenAt: lastSeenAt ?? person.lastSeenAt }] : [];
      });
      const total = presence.mode === "all" ? online.size : presence.total;
      return { ...state, people: knowPeople(state.people, [...action.online, ...left]), presence: { ...presence, online, total } };
    }
    case "presence/watched": {
      const online = new Map(presence.online);
      for (const id of action.userIds) online.delete(id);
      for (const user of action.users) online.set(user.id, user);
      return { ...state, people: knowPeople(state.people, action.users), presence: { ...presence, online } };
    }
    case "presence/counted":
      return { ...state, presence: { ...presence, total: action.total } };
    case "presence/mode":
      return { ...state, presence: { ...presence, mode: action.mode, total: action.total } };
  }
}
