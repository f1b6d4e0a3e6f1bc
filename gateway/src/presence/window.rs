//! Net changes of a short time: how much a scope is told does not depend on how often somebody flaps.

use std::collections::BTreeMap;
use std::sync::Arc;

use shared_protocol::events::{OfflineUser, OnlineUser, PresenceDiff, TenantId, Timestamp, UserId};

/// A user within a scope; the order of lists.
pub(super) type UserKey = (Option<TenantId>, UserId);

/// What is known of a user: `None` is offline.
pub(super) type State = Option<Arc<OnlineUser>>;

/// A change of one user's state.
#[derive(Clone, Debug)]
pub(super) struct Delta {
    pub(super) key: UserKey,
    pub(super) before: State,
    pub(super) after: State,
    /// When the user was last there; counts when `after` is offline.
    pub(super) left_at: Timestamp,
}

/// The changes since the audience was told last. Each has a number, so that a socket which joined in between is told exactly what
/// its snapshot did not hold.
#[derive(Debug, Default)]
pub(super) struct Window {
    last: u64,
    /// The last change that everybody was told.
    cleared: u64,
    pending: BTreeMap<UserKey, History>,
}

#[derive(Debug)]
struct History {
    /// Numbers ascend; the first is the state when the window was empty.
    states: Vec<(u64, State)>,
    left_at: Timestamp,
}

impl Window {
    /// Takes a change in.
    pub(super) fn record(&mut self, delta: Delta) {
        self.last += 1;
        let before = delta.before;
        let history = self.pending.entry(delta.key).or_insert_with(|| History {
            states: vec![(0, before)],
            left_at: delta.left_at,
        });
        history.states.push((self.last, delta.after));
        history.left_at = delta.left_at;
    }

    /// The number of the latest change.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    /// Makes all equal who have heard everything before this window.
    pub(super) fn heard(&self, told: u64) -> u64 {
        told.max(self.cleared)
    }

    /// Whether there is nothing to tell.
    pub(super) fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// How many users changed.
    pub(super) fn len(&self) -> usize {
        self.pending.len()
    }

    /// Who changed.
    pub(super) fn keys(&self) -> impl Iterator<Item = &UserKey> {
        self.pending.keys()
    }

    /// What differs from the state after change `told`, for all users or for those named. A user who left and came back in
    /// between appears only if something about them differs.
    pub(super) fn net<'a>(&'a self, told: u64, only: Option<&[&'a UserKey]>) -> PresenceDiff {
        let mut diff = PresenceDiff::default();
        match only {
            None => self
                .pending
                .iter()
                .for_each(|(key, history)| history.add_to(&mut diff, key, told)),
            Some(keys) => keys.iter().for_each(|key| {
                if let Some(history) = self.pending.get(*key) {
                    history.add_to(&mut diff, key, told);
                }
            }),
        }
        diff
    }

    /// The audience has been told.
    pub(super) fn clear(&mut self) {
        self.pending.clear();
        self.cleared = self.last;
    }
}

impl History {
    fn add_to(&self, diff: &mut PresenceDiff, key: &UserKey, told: u64) {
        let before = self.states.iter().rev().find(|(number, _)| *number <= told);
        let before = before.and_then(|(_, state)| state.as_ref());
        let after = self.states.last().and_then(|(_, state)| state.as_ref());
        match (before, after) {
            (None, Some(user)) => diff.online.push(OnlineUser::clone(user)),
            (Some(_), None) => diff.offline.push(OfflineUser {
                id: key.1.clone(),
                tenant_id: key.0.clone(),
                last_seen_at: self.left_at,
            }),
            (Some(before), Some(after)) if !looks_same(before, after) => diff.changed.push(OnlineUser::clone(after)),
            _ => {}
        }
    }
}

/// Whether peers would see no difference. Since when somebody is there may change when Redis has forgotten it, or when they left and
/// came back within one window: that alone is worth no frame.
fn looks_same(before: &OnlineUser, after: &OnlineUser) -> bool {
    before.portals == after.portals && before.user == after.user
}

/// Whether a diff says nothing.
pub(super) fn is_silent(diff: &PresenceDiff) -> bool {
    diff.online.is_empty() && diff.offline.is_empty() && diff.changed.is_empty()
}

#[cfg(test)]
mod tests {
    use shared_protocol::events::{Kind, Portal, User};

    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "it is a state, as a window takes it")]
    fn user(id: &str, portals: &[Portal]) -> State {
        Some(Arc::new(OnlineUser {
            user: User {
                id: UserId::parse(id).unwrap(),
                tenant_id: None,
                name: None,
                kind: Kind::Manage,
                last_seen_at: None,
            },
            portals: portals.to_vec(),
            since: Timestamp::from_millis(0).unwrap(),
        }))
    }

    fn change(window: &mut Window, id: &str, before: State, after: State) {
        window.record(Delta {
            key: (None, UserId::parse(id).unwrap()),
            before,
            after,
            left_at: Timestamp::from_millis(0).unwrap(),
        });
    }

    fn counts(diff: &PresenceDiff) -> [usize; 3] {
        [diff.online.len(), diff.offline.len(), diff.changed.len()]
    }

    #[test]
    fn only_the_net_change_is_told() {
        let (dm, both) = (user("a", &[Portal::Dm]), user("a", &[Portal::Dashboard, Portal::Dm]));
        // States that one user goes through within a window, and what is told of it.
        let cases: [(&[&State], [usize; 3]); 6] = [
            (&[&None, &dm], [1, 0, 0]),
            (&[&None, &dm, &None], [0, 0, 0]),
            (&[&dm, &None], [0, 1, 0]),
            (&[&dm, &None, &dm], [0, 0, 0]),
            (&[&dm, &None, &both], [0, 0, 1]),
            (&[&None, &dm, &both], [1, 0, 0]),
        ];
        for (states, expected) in cases {
            let mut window = Window::default();
            for pair in states.windows(2) {
                change(&mut window, "a", pair[0].clone(), pair[1].clone());
            }
            assert_eq!(counts(&window.net(0, None)), expected, "{states:?}");
        }
    }

    #[test]
    fn who_joined_in_between_is_told_what_came_after() {
        let mut window = Window::default();
        change(&mut window, "a", None, user("a", &[]));
        change(&mut window, "b", None, user("b", &[]));
        let joined = window.last();
        assert!(is_silent(&window.net(joined, None)));

        change(&mut window, "a", user("a", &[]), None);
        // The old audience never heard of `a`; the snapshot of the one who joined held them.
        assert_eq!(counts(&window.net(0, None)), [1, 0, 0]);
        assert_eq!(counts(&window.net(joined, None)), [0, 1, 0]);
    }

    #[test]
    fn watchers_are_told_of_those_they_watch() {
        let mut window = Window::default();
        change(&mut window, "a", None, user("a", &[]));
        change(&mut window, "b", None, user("b", &[]));
        let watched = (None, UserId::parse("b").unwrap());
        let diff = window.net(0, Some(&[&watched]));
        assert_eq!(diff.online.len(), 1);
        assert_eq!(diff.online[0].user.id.as_str(), "b");
    }
}
