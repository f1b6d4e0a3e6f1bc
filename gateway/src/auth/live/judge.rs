//! What a reading of a session means for its sockets.

use std::sync::Arc;

use shared_protocol::events::SessionEndReason;
use tokio::time::Instant;

use super::super::error::SessionFault;
use super::super::principal::Principal;
use super::super::session::Bearer;
use super::super::session_id::SessionId;
use super::super::sessions::Reading;
use super::index::{Entry, Index, State, Watch};
use super::{Moved, Renamed};
use crate::hub::{Mailbox, SocketKey};

/// What a reading leads to.
#[derive(Default)]
pub(super) struct Verdict {
    /// Sockets to end; they have left the index already, so none is ended twice.
    pub(super) ended: Vec<(SocketKey, Mailbox, SessionEndReason)>,
    /// Where the bearer of the sockets that ended lived until now, when it is still the same user.
    pub(super) moved: Option<Moved>,
    /// Sockets whose bearer has a new name.
    pub(super) renamed: Option<Renamed>,
    /// The session has left the index, and its key is subscribed.
    pub(super) is_left_watched: bool,
    /// Nothing can be said before that moment.
    pub(super) held_until: Option<Instant>,
}

impl Index {
    /// Judges the sockets that were there when the reading began (`until`).
    pub(super) fn judge(&mut self, session: &SessionId, reading: &Reading, until: u64, now: Instant) -> Verdict {
        let mut verdict = Verdict::default();
        if let Reading::Present(found) = reading {
            self.set_end(session, found.known_end);
        }
        let Some(entry) = self.sessions.get_mut(session) else {
            return verdict;
        };
        let had_end = entry.known_end;
        let is_expired = had_end.is_some_and(|end| now >= end);
        if !matches!(reading, Reading::Absent) {
            entry.seen = self.memory.run();
        } else if let Some(until) = self.memory.held_until(entry.seen, now)
            && !is_expired
        {
            verdict.held_until = Some(until);
            return verdict;
        }
        let fate = match reading {
            Reading::Present(found) => match &found.bearer {
                Bearer::Principal(principal) => Ok(Arc::new(principal.clone())),
                // The tenant was taken away: no kind is left.
                Bearer::Homeless(_) => Err(SessionEndReason::Changed),
            },
            Reading::Unusable(SessionFault::Expired) => Err(SessionEndReason::Expired),
            // Somebody logged out and the session stayed, or its ids make no sense any more: another user, namely none.
            Reading::Unusable(_) => Err(SessionEndReason::Changed),
            Reading::Absent if is_expired => Err(SessionEndReason::Expired),
            Reading::Absent => Err(SessionEndReason::Revoked),
        };
        match fate {
            Ok(principal) => {
                verdict.moved = moved(entry, &principal, until);
                verdict.ended = end_strangers(entry, &principal, until);
                verdict.renamed = rename(entry, &principal, until);
            }
            Err(reason) => verdict.ended = end_all(entry, reason, until),
        }
        if entry.sockets.is_empty() {
            verdict.is_left_watched = entry.watch == Watch::Yes;
            self.set_end(session, None);
            self.sessions.remove(session);
        }
        verdict
    }
}

fn moved(entry: &Entry, principal: &Principal, until: u64) -> Option<Moved> {
    let bound = entry.sockets.values().filter(|socket| socket.since <= until);
    let former = bound.filter_map(|socket| match &socket.state {
        State::Bound(bound) => Some(bound),
        State::Joining { .. } => None,
    });
    let mut moved = former.filter(|bound| bound.user == principal.user && bound.realm != principal.realm);
    moved.next().map(|bound| Moved {
        user: bound.user.clone(),
        from: bound.realm.clone(),
    })
}

fn end_all(entry: &mut Entry, reason: SessionEndReason, until: u64) -> Vec<(SocketKey, Mailbox, SessionEndReason)> {
    end_if(entry, until, reason, |_| true)
}

fn end_strangers(entry: &mut Entry, principal: &Principal, until: u64) -> Vec<(SocketKey, Mailbox, SessionEndReason)> {
    end_if(entry, until, SessionEndReason::Changed, |bound| {
        !bound.is_same_person(principal)
    })
}

fn end_if(
    entry: &mut Entry,
    until: u64,
    reason: SessionEndReason,
    is_over: impl Fn(&Principal) -> bool,
) -> Vec<(SocketKey, Mailbox, SessionEndReason)> {
    let mut ended = Vec::new();
    entry.sockets.retain(|key, socket| {
        if socket.since > until {
            return true;
        }
        match &mut socket.state {
            // Its own reading may be older than this one: let it be read again once it is bound.
            State::Joining { is_stale } => {
                *is_stale = true;
                true
            }
            State::Bound(bound) if is_over(bound) => {
                ended.push((*key, socket.mailbox.clone(), reason));
                false
            }
            State::Bound(_) => true,
        }
    });
    ended
}

fn rename(entry: &mut Entry, principal: &Arc<Principal>, until: u64) -> Option<Renamed> {
    let mut sockets = Vec::new();
    for (key, socket) in &mut entry.sockets {
        if let State::Bound(bound) = &mut socket.state
            && socket.since <= until
            && **bound != **principal
        {
            *bound = Arc::clone(principal);
            sockets.push(*key);
        }
    }
    (!sockets.is_empty()).then(|| Renamed {
        sockets,
        principal: Arc::clone(principal),
    })
}
