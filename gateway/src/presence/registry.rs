//! Which users this instance holds, and what of it Redis does not know yet: state, not events, so that what happens while Redis is
//! away is written as it stands when it returns.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use shared_protocol::events::{Portal, Realm, UserId};
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

use super::change::{Entry, Version};
use crate::hub::{Member, SocketKey};

/// How long peers are not told what is gone (ms): see `settle` in `scripts/realm.lua`.
pub(super) type Wait = i64;
/// Nothing is gone.
pub(super) const NOTHING_GONE: Wait = -1;

#[derive(Debug, Default)]
pub(super) struct Registry {
    holdings: Mutex<Holdings>,
    /// There is something to write.
    pub(super) dirtied: Notify,
    /// A batch was dealt with.
    dealt_with: Notify,
}

#[derive(Debug, Default)]
struct Holdings {
    sockets: HashMap<SocketKey, (Realm, UserId)>,
    realms: HashMap<Realm, Home>,
    waiters: Vec<Waiter>,
    /// A batch is under way.
    writing: bool,
    handed_over: bool,
}

/// The users of one realm.
#[derive(Debug, Default)]
struct Home {
    users: HashMap<UserId, Holder>,
    dirty: HashMap<UserId, Wait>,
    /// Raised when Redis has lost what was written, so that a write under way does not count.
    epoch: u64,
}

#[derive(Debug, Default)]
struct Holder {
    sockets: HashMap<SocketKey, Portal>,
    name: Option<Arc<str>>,
    /// What Redis holds.
    written: Option<Entry>,
    /// Until when sockets that left may come back, soonest first: the end of another one does not shorten that.
    away: Vec<Instant>,
}

#[derive(Debug)]
struct Waiter {
    realm: Realm,
    tell: oneshot::Sender<Version>,
}

/// Tells the version at which Redis holds the user.
pub(super) type Ticket = oneshot::Receiver<Version>;

/// What is to be written: the state of all users that changed.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) realms: Vec<RealmBatch>,
    waiters: Vec<Waiter>,
}

/// One realm's part of a batch.
#[derive(Debug)]
pub(super) struct RealmBatch {
    pub(super) realm: Realm,
    pub(super) held: Vec<(UserId, Entry, Wait)>,
    pub(super) gone: Vec<(UserId, Wait)>,
    /// Written before: Redis has lost it.
    pub(super) again: bool,
    epoch: u64,
}

/// What a realm's heartbeat should find.
#[derive(Debug)]
pub(super) struct Expectation {
    pub(super) realm: Realm,
    /// Users in Redis; `None` while some are not written.
    pub(super) held: Option<usize>,
}

impl Home {
    /// A user is to be written; of several reasons the longest wait counts.
    fn mark(&mut self, user: &UserId, wait: Wait) {
        let marked = self.dirty.entry(user.clone()).or_insert(wait);
        *marked = wait.max(*marked);
    }
}

impl Holder {
    /// One more socket left, with a wait of its own. Returns the longest wait of all that did.
    fn let_go(&mut self, wait: Wait) -> Wait {
        let now = Instant::now();
        self.away.retain(|until| *until > now);
        if let Ok(millis @ 1..) = u64::try_from(wait)
            && let Some(until) = now.checked_add(Duration::from_millis(millis))
        {
            self.away.push(until);
            self.away.sort();
        }
        let longest = self.away.last().map(|until| until.duration_since(now).as_millis());
        longest.map_or(wait, |longest| Wait::try_from(longest).unwrap_or(Wait::MAX).max(wait))
    }

    /// A socket came: perhaps one of those that are away.
    fn take_back(&mut self) {
        if !self.away.is_empty() {
            self.away.remove(0);
        }
    }

    fn entry(&self) -> Entry {
        let portals: HashSet<Portal> = self.sockets.values().copied().collect();
        let mut portals: Vec<Portal> = portals.into_iter().collect();
        portals.sort_by_key(|portal| portal.as_str());
        Entry {
            portals,
            name: self.name.clone(),
        }
    }
}

impl Registry {
    /// Takes a socket in. `None`: Redis holds all of it already; `Err`: the instance has handed its users over.
    pub(super) fn add(&self, member: &Member, name: Option<&str>) -> Result<Option<Ticket>, ()> {
        let mut holdings = self.lock();
        if holdings.handed_over {
            return Err(());
        }
        let (realm, user) = (&member.realm, &member.user);
        holdings.sockets.insert(member.key, (realm.clone(), user.clone()));
        let home = holdings.realms.entry(realm.clone()).or_default();
        let holder = home.users.entry(user.clone()).or_default();
        holder.sockets.insert(member.key, member.portal);
        holder.take_back();
        holder.name = name.map(Arc::from);
        if holder.written.as_ref() == Some(&holder.entry()) && !home.dirty.contains_key(user) {
            return Ok(None);
        }
        home.dirty.entry(user.clone()).or_insert(NOTHING_GONE);
        let (tell, ticket) = oneshot::channel();
        holdings.waiters.push(Waiter {
            realm: realm.clone(),
            tell,
        });
        drop(holdings);
        self.dirtied.notify_one();
        Ok(Some(ticket))
    }

    /// Takes a socket out; tells whose it was.
    pub(super) fn remove(&self, key: SocketKey, wait: Wait) -> Option<(Realm, UserId)> {
        let mut holdings = self.lock();
        let (realm, user) = holdings.sockets.remove(&key)?;
        if let Some(home) = holdings.realms.get_mut(&realm)
            && let Some(holder) = home.users.get_mut(&user)
        {
            holder.sockets.remove(&key);
            let wait = holder.let_go(wait);
            let last = holder.sockets.is_empty();
            let differs = holder.written.as_ref() != Some(&holder.entry());
            if last {
                home.users.remove(&user);
            }
            if last || differs {
                home.mark(&user, wait);
            }
        }
        drop(holdings);
        self.dirtied.notify_one();
        Some((realm, user))
    }

    /// A user is called differently now.
    pub(super) fn rename(&self, realm: &Realm, user: &UserId, name: Option<&str>) {
        let mut holdings = self.lock();
        if let Some(home) = holdings.realms.get_mut(realm)
            && let Some(holder) = home.users.get_mut(user)
            && holder.name.as_deref() != name
        {
            holder.name = name.map(Arc::from);
            home.dirty.entry(user.clone()).or_insert(NOTHING_GONE);
        }
        drop(holdings);
        self.dirtied.notify_one();
    }

    /// Lets go of all users at once, for good.
    pub(super) fn hand_over(&self, wait: Wait) {
        let mut holdings = self.lock();
        holdings.handed_over = true;
        holdings.sockets.clear();
        for home in holdings.realms.values_mut() {
            for user in std::mem::take(&mut home.users).into_keys() {
                home.mark(&user, wait);
            }
        }
        drop(holdings);
        self.dirtied.notify_one();
    }

    /// Redis holds nothing of a realm's users any more: all are written again.
    pub(super) fn write_again(&self, realm: &Realm) {
        let mut holdings = self.lock();
        if let Some(home) = holdings.realms.get_mut(realm) {
            home.epoch += 1;
            for (user, holder) in &mut home.users {
                holder.written = None;
                home.dirty.entry(user.clone()).or_insert(NOTHING_GONE);
            }
        }
        drop(holdings);
        self.dirtied.notify_one();
    }

    /// Takes what is to be written; `None`: nothing.
    pub(super) fn take(&self) -> Option<Batch> {
        let mut holdings = self.lock();
        let mut batch = Batch::default();
        for (realm, home) in &mut holdings.realms {
            if home.dirty.is_empty() {
                continue;
            }
            let mut part = RealmBatch {
                realm: realm.clone(),
                held: Vec::new(),
                gone: Vec::new(),
                again: home.epoch > 0,
                epoch: home.epoch,
            };
            for (user, wait) in home.dirty.drain() {
                match home.users.get_mut(&user) {
                    Some(holder) => {
                        // Until the batch is dealt with nobody knows: what changes back meanwhile must be written once more.
                        holder.written = None;
                        part.held.push((user, holder.entry(), wait));
                    }
                    None => part.gone.push((user, wait.max(0))),
                }
            }
            batch.realms.push(part);
        }
        if batch.realms.is_empty() {
            return None;
        }
        batch.waiters = std::mem::take(&mut holdings.waiters);
        holdings.writing = true;
        Some(batch)
    }

    /// A batch was dealt with: for each of its realms the version, or `None` when it was not written.
    pub(super) fn on_written(&self, batch: Batch, versions: &[Option<Version>]) {
        let mut holdings = self.lock();
        holdings.writing = false;
        let mut reached = HashMap::new();
        for (part, version) in batch.realms.into_iter().zip(versions) {
            let home = holdings.realms.entry(part.realm.clone()).or_default();
            if let Some(version) = version {
                reached.insert(part.realm.clone(), *version);
                for (user, entry, _) in part.held {
                    if let Some(holder) = home.users.get_mut(&user)
                        && home.epoch == part.epoch
                    {
                        holder.written = Some(entry);
                    }
                }
            } else {
                let held = part.held.into_iter().map(|(user, _, wait)| (user, wait));
                for (user, wait) in held.chain(part.gone) {
                    home.mark(&user, wait);
                }
            }
            if home.users.is_empty() && home.dirty.is_empty() {
                holdings.realms.remove(&part.realm);
            }
        }
        let mut waiting = Vec::new();
        for waiter in batch.waiters {
            match reached.get(&waiter.realm) {
                // Whoever waited may have given up.
                Some(version) => drop(waiter.tell.send(*version)),
                None => waiting.push(waiter),
            }
        }
        waiting.retain(|waiter| !waiter.tell.is_closed());
        holdings.waiters.append(&mut waiting);
        drop(holdings);
        self.dealt_with.notify_waiters();
    }

    /// Realms of which Redis holds users of this instance.
    pub(super) fn expectations(&self) -> Vec<Expectation> {
        let holdings = self.lock();
        let homes = holdings.realms.iter();
        homes
            .filter(|(_, home)| home.users.values().any(|holder| holder.written.is_some()))
            .map(|(realm, home)| Expectation {
                realm: realm.clone(),
                held: home.dirty.is_empty().then_some(home.users.len()),
            })
            .collect()
    }

    /// Whether a socket is here.
    pub(super) fn holds(&self, key: SocketKey) -> bool {
        self.lock().sockets.contains_key(&key)
    }

    /// Whether a socket of this user is here.
    pub(super) fn holds_user(&self, realm: &Realm, user: &UserId) -> bool {
        let holdings = self.lock();
        holdings
            .realms
            .get(realm)
            .is_some_and(|home| home.users.contains_key(user))
    }

    /// Whether any user of a realm is, or is still to be written.
    pub(super) fn is_home(&self, realm: &Realm) -> bool {
        self.lock().realms.contains_key(realm)
    }

    /// Where the user of a socket lives.
    pub(super) fn home_of(&self, key: SocketKey) -> Option<Realm> {
        self.lock().sockets.get(&key).map(|(realm, _)| realm.clone())
    }

    /// Whether the instance has let go of its users.
    pub(super) fn is_handed_over(&self) -> bool {
        self.lock().handed_over
    }

    /// Waits until everything is written.
    pub(super) async fn clean(&self) {
        loop {
            let dealt_with = self.dealt_with.notified();
            tokio::pin!(dealt_with);
            dealt_with.as_mut().enable();
            if self.is_clean() {
                return;
            }
            dealt_with.await;
        }
    }

    fn is_clean(&self) -> bool {
        let holdings = self.lock();
        !holdings.writing && holdings.realms.values().all(|home| home.dirty.is_empty())
    }

    fn lock(&self) -> MutexGuard<'_, Holdings> {
        self.holdings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
