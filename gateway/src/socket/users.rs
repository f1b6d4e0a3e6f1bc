//! Who has sockets on this instance: the cap on them, and the budget that all of a user's sockets share.
//!
//! A user is an id in a realm: where two tenants gave out one id, the two people do not use up each other's.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use shared_protocol::events::{Realm, UserId};
use tokio::time::Instant;

use super::budget::{Budget, BudgetLimits};

/// How long a budget outlives its last socket: reconnecting must not refill it.
const REMEMBER: Duration = Duration::from_mins(1);

/// See the module.
#[derive(Debug)]
pub struct Users {
    table: Mutex<Table>,
    sockets_max: usize,
    budget: BudgetLimits,
}

/// Where somebody lives, and who they are there.
type Key = (Realm, UserId);

#[derive(Debug, Default)]
struct Table {
    entries: HashMap<Key, Entry>,
    left: VecDeque<(Instant, Key)>,
}

#[derive(Debug)]
struct Entry {
    sockets: usize,
    budget: Arc<Budget>,
    left_at: Option<Instant>,
}

/// One socket's place among its user's, given back when dropped.
#[derive(Debug)]
pub struct Place {
    users: Arc<Users>,
    user: Key,
    budget: Arc<Budget>,
}

impl Users {
    /// Nobody yet.
    pub fn new(sockets_max: usize, budget: BudgetLimits) -> Arc<Self> {
        Arc::new(Self {
            table: Mutex::default(),
            sockets_max,
            budget,
        })
    }

    /// Takes a place; `None` when the user has as many sockets as may be. Counted under one lock, so that two tabs that
    /// come at once cannot both take the last one.
    pub fn enter(self: &Arc<Self>, realm: &Realm, user: &UserId, now: Instant) -> Option<Place> {
        let user = (realm.clone(), user.clone());
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        table.forget_long_gone(now);
        let entry = table.entries.entry(user.clone()).or_insert_with(|| Entry {
            sockets: 0,
            budget: Arc::new(Budget::new(self.budget)),
            left_at: None,
        });
        if entry.sockets >= self.sockets_max {
            return None;
        }
        entry.sockets += 1;
        entry.left_at = None;
        let budget = Arc::clone(&entry.budget);
        Some(Place {
            users: Arc::clone(self),
            user,
            budget,
        })
    }
}

impl Table {
    fn forget_long_gone(&mut self, now: Instant) {
        while let Some((left_at, _)) = self.left.front()
            && now.duration_since(*left_at) > REMEMBER
        {
            let Some((left_at, user)) = self.left.pop_front() else {
                return;
            };
            if self
                .entries
                .get(&user)
                .is_some_and(|entry| entry.left_at == Some(left_at))
            {
                self.entries.remove(&user);
            }
        }
    }
}

impl Place {
    /// The budget that all sockets of this user share.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut table = self.users.table.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(entry) = table.entries.get_mut(&self.user) else {
            return;
        };
        entry.sockets -= 1;
        if entry.sockets == 0 {
            let now = Instant::now();
            entry.left_at = Some(now);
            table.left.push_back((now, self.user.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use shared_protocol::events::TenantId;

    use super::*;
    use crate::config::Rate;
    use crate::socket::budget::Cost;

    fn realm(tenant: &str) -> Realm {
        Realm::Tenant(TenantId::parse(tenant).unwrap())
    }

    fn users(sockets_max: usize) -> Arc<Users> {
        let rate = Rate {
            per_second: 1,
            burst: 1,
        };
        Users::new(
            sockets_max,
            BudgetLimits {
                messages: rate,
                events: rate,
            },
        )
    }

    #[test]
    fn one_socket_too_many_is_refused_and_a_place_given_back() {
        let users = users(2);
        let (acme, alice) = (realm("acme"), UserId::parse("alice").unwrap());
        let now = Instant::now();
        let first = users.enter(&acme, &alice, now).unwrap();
        let _second = users.enter(&acme, &alice, now).unwrap();
        assert!(users.enter(&acme, &alice, now).is_none());
        assert!(users.enter(&acme, &UserId::parse("bob").unwrap(), now).is_some());
        drop(first);
        assert!(users.enter(&acme, &alice, now).is_some());
    }

    #[test]
    fn people_of_two_tenants_with_one_id_take_nothing_from_each_other() {
        let users = users(1);
        let twin = UserId::parse("42").unwrap();
        let now = Instant::now();
        let here = users.enter(&realm("acme"), &twin, now).unwrap();
        let there = users.enter(&realm("globex"), &twin, now).unwrap();
        here.budget().spend(Cost::Message).unwrap();
        assert!(here.budget().spend(Cost::Message).is_err());
        there.budget().spend(Cost::Message).unwrap();
    }

    #[test]
    fn cap_holds_however_many_come_at_once() {
        let users = users(3);
        let (acme, alice) = (realm("acme"), UserId::parse("alice").unwrap());
        for _ in 0..50 {
            let start = std::sync::Barrier::new(8);
            let places: Vec<Option<Place>> = std::thread::scope(|scope| {
                let enter = || {
                    start.wait();
                    users.enter(&acme, &alice, Instant::now())
                };
                let threads: Vec<_> = (0..8).map(|_| scope.spawn(enter)).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            assert_eq!(places.iter().flatten().count(), 3);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn reconnecting_refills_no_budget_and_the_long_gone_are_forgotten() {
        let users = users(2);
        let (acme, alice) = (realm("acme"), UserId::parse("alice").unwrap());
        let place = users.enter(&acme, &alice, Instant::now()).unwrap();
        let before = Arc::clone(&place.budget);
        drop(place);
        assert!(Arc::ptr_eq(
            &before,
            &users.enter(&acme, &alice, Instant::now()).unwrap().budget
        ));
        tokio::time::advance(REMEMBER * 2).await;
        let after = users.enter(&acme, &alice, Instant::now()).unwrap();
        assert!(!Arc::ptr_eq(&before, &after.budget));
    }
}
