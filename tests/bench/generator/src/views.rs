//! What each member of a crowd believes about the others, from what it was told.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::Notify;

use crate::crowd::Audience;
use crate::users::UserNumber;
use crate::wire::PresenceNews;

/// The views of all members.
pub(crate) struct Views {
    inner: RefCell<Inner>,
    news: Notify,
}

struct Inner {
    /// Whom each member believes to be there.
    known: Vec<Vec<bool>>,
    /// How many members believe each user to be there.
    knowers: Vec<usize>,
    /// How many each member believes to be there.
    believed: Vec<usize>,
    /// How many there are by the server's word, where it does not name everybody.
    counted: Vec<Option<usize>>,
    told: Told,
    last: Instant,
}

/// What was told to all members together.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Told {
    pub(crate) frames: u64,
    pub(crate) bytes: u64,
    /// Users named in them.
    pub(crate) entries: u64,
}

impl Views {
    pub(crate) fn new(members: usize, users: usize) -> Self {
        let inner = Inner {
            known: vec![vec![false; users]; members],
            knowers: vec![0; users],
            believed: vec![0; members],
            counted: vec![None; members],
            told: Told::default(),
            last: Instant::now(),
        };
        Self {
            inner: RefCell::new(inner),
            news: Notify::new(),
        }
    }

    pub(crate) fn told(&self) -> Told {
        self.inner.borrow().told
    }

    /// How many members do not know that all these users are there.
    pub(crate) fn ignorant_of(&self, users: std::ops::Range<usize>) -> usize {
        let inner = self.inner.borrow();
        let members = inner.known.len();
        let knowers = inner.knowers.get(users).into_iter().flatten();
        knowers.map(|knowers| members - knowers).max().unwrap_or(0)
    }

    /// How many members do not know how many are there.
    pub(crate) fn wrong_about(&self, online: usize) -> usize {
        let inner = self.inner.borrow();
        let beliefs = inner.believed.iter().zip(&inner.counted);
        beliefs
            .filter(|&(&believed, &counted)| counted.unwrap_or(believed) != online)
            .count()
    }

    /// Waits until a condition holds; answers when the last news came before it did, or nothing when it took too long.
    pub(crate) async fn until(&self, within: Duration, holds: impl Fn(&Self) -> bool) -> Option<Instant> {
        let waiting = async {
            while !holds(self) {
                self.news.notified().await;
            }
        };
        tokio::time::timeout(within, waiting).await.ok()?;
        Some(self.inner.borrow().last)
    }
}

impl Audience for Views {
    fn told(&self, member: usize, news: &PresenceNews, bytes: usize) {
        let inner = &mut *self.inner.borrow_mut();
        inner.told.frames += 1;
        inner.told.bytes += bytes as u64;
        inner.told.entries += (news.online.len() + news.offline.len()) as u64;
        inner.last = Instant::now();
        for user in &news.online {
            inner.believe(member, *user, true);
        }
        for user in &news.offline {
            inner.believe(member, *user, false);
        }
        if let Some(counted) = inner.counted.get_mut(member) {
            *counted = news.counted;
        }
        self.news.notify_one();
    }
}

impl Inner {
    fn believe(&mut self, member: usize, user: UserNumber, is_there: bool) {
        let Some(belief) = self.known.get_mut(member).and_then(|known| known.get_mut(user.index())) else {
            return;
        };
        if *belief == is_there {
            return;
        }
        *belief = is_there;
        let change = |count: &mut usize| if is_there { *count += 1 } else { *count -= 1 };
        self.knowers.get_mut(user.index()).map(change);
        self.believed.get_mut(member).map(change);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn news(online: &[u32], offline: &[u32], counted: Option<usize>) -> PresenceNews {
        let users = |numbers: &[u32]| numbers.iter().copied().map(UserNumber).collect();
        PresenceNews {
            online: users(online),
            offline: users(offline),
            counted,
        }
    }

    #[test]
    fn a_member_who_was_not_told_is_found() {
        let views = Views::new(2, 3);
        Audience::told(&views, 0, &news(&[0, 1, 2], &[], None), 10);
        Audience::told(&views, 1, &news(&[0, 1], &[], None), 10);
        assert_eq!((views.ignorant_of(0..2), views.ignorant_of(0..3)), (0, 1));
        assert_eq!((views.wrong_about(3), views.wrong_about(2)), (1, 1));
        Audience::told(&views, 1, &news(&[2, 2], &[], None), 10);
        assert_eq!((views.ignorant_of(0..3), views.wrong_about(3)), (0, 0));
    }

    #[test]
    fn who_left_is_not_there() {
        let views = Views::new(1, 2);
        Audience::told(&views, 0, &news(&[0, 1], &[], None), 10);
        Audience::told(&views, 0, &news(&[], &[1, 1], None), 10);
        assert_eq!((views.ignorant_of(1..2), views.wrong_about(1)), (1, 0));
        assert_eq!(views.told().entries, 4);
    }

    #[test]
    fn a_count_stands_for_those_who_are_not_named() {
        let views = Views::new(1, 1_000);
        Audience::told(&views, 0, &news(&[0], &[], Some(700)), 10);
        assert_eq!(views.wrong_about(700), 0);
        Audience::told(&views, 0, &news(&[], &[], Some(701)), 10);
        assert_eq!(views.wrong_about(701), 0);
    }
}
