//! Random histories over three instances and several tenants against a model: every tab's picture must come to what the model
//! says, and nobody may have been told more than what happened. Somebody of the staff watches all of them.
//!
//! A history follows from its number; a failure names it, and `PRESENCE_MODEL_SEEDS=<number>` plays it again.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::time::{Duration, Instant as Clock};

use futures_util::StreamExt as _;
use harness::redis::RedisServer;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use shared_protocol::events::Portal::{self, Dashboard, Dm, Manage};
use shared_protocol::events::Realm;

use super::support::*;
use crate::config::PresenceConfig;
use crate::presence::Departure::{self, Grace, SessionOver};

/// Ids are visible ASCII but `:`, up to 64 characters: what could be taken for a part of a key, a pattern, JSON or an encoding.
const TENANTS: [&str; 6] = [
    "acme",
    "@manage",
    "{x}*%41",
    "%7Bx}%",
    r#""\'`$[a-z]?"#,
    "0123456789.0123456789.0123456789.0123456789.0123456789.123456789",
];
/// Of which each history takes some.
const TENANTS_A_HISTORY: usize = 3;
const USERS: [&str; 4] = ["ann", "@announced", r#"{"n",[]}"#, "%00*?[^]\\"];
const NAMES: [&str; 3] = ["Ann", "Änn \"2\"", ""];
const ROUNDS: usize = 10;
/// What `make test` plays. Others by `PRESENCE_MODEL_SEEDS`: one number, or two of them, `100-163`.
const SEEDS: RangeInclusive<u64> = 1..=6;
/// Far below the grace, and beyond the window in which a change and its opposite are nothing.
const RELOAD_MS_MAX: u64 = 120;
/// Histories that are played at once.
const AT_ONCE: usize = 8;

/// Where, who.
type Who = (&'static str, &'static str);

struct OpenTab {
    who: Who,
    portal: Portal,
    instance: usize,
    tab: Tab,
    /// Since before this round.
    old: bool,
}

struct History {
    random: StdRng,
    server: RedisServer,
    tenants: Vec<&'static str>,
    names: BTreeMap<Who, &'static str>,
    /// The instance on which the staff's tab is, and the tab.
    staff: Option<(usize, Tab)>,
    instances: Vec<Instance>,
    started: usize,
    tabs: Vec<OpenTab>,
    /// Who has lost their last tab in this round.
    left: BTreeSet<Who>,
    /// Who came back from that, or was only on an instance that stood still: they may be told as gone and back.
    flapped: BTreeSet<Who>,
    /// Likewise in the next round: an instance that stood still hears late of what was told meanwhile.
    late: BTreeSet<Who>,
    story: Vec<String>,
}

impl History {
    fn config() -> PresenceConfig {
        PresenceConfig {
            grace: Duration::from_secs(1),
            ..config()
        }
    }

    fn start_instance(&mut self) -> Instance {
        self.started += 1;
        Instance::with(&self.server, &format!("i{}", self.started), Self::config())
    }

    async fn open(&mut self, who: Who, portal: Portal, instance: usize) {
        self.story.push(format!("open {who:?} {portal:?} on {instance}"));
        let (realm, name) = (tenant(who.0), self.names.get(&who).copied());
        let tab = self.instances[instance].try_open(&realm, who.1, name, portal);
        let tab = tab.await.unwrap();
        self.tabs.push(OpenTab {
            who,
            portal,
            instance,
            tab,
            old: false,
        });
    }

    fn close(&mut self, index: usize, departure: Departure) -> OpenTab {
        let open = self.tabs.swap_remove(index);
        self.story.push(format!(
            "close {:?} {:?} on {} {departure:?}",
            open.who, open.portal, open.instance
        ));
        if !self.is_open(open.who) {
            self.left.insert(open.who);
        }
        open
    }

    fn is_open(&self, who: Who) -> bool {
        self.tabs.iter().any(|open| open.who == who)
    }

    /// Somebody of the staff looks, from any instance.
    async fn watch_all(&mut self) {
        let instance = self.random.random_range(0..3);
        self.story.push(format!("staff on {instance}"));
        let mut tab = self.instances[instance].open(&Realm::Manage, "sam", Manage).await;
        tab.watch(&USERS);
        self.staff = Some((instance, tab));
    }

    /// All tabs of a user, wherever they are.
    fn log_out(&mut self, who: Who) {
        while let Some(index) = self.tabs.iter().position(|open| open.who == who) {
            self.close(index, SessionOver).tab.close(SessionOver);
        }
    }

    /// Every instance finds the new name in the session.
    fn rename(&mut self, who: Who) {
        let name = *NAMES.choose(&mut self.random).unwrap();
        self.story.push(format!("{who:?} is called {name:?}"));
        self.names.insert(who, name);
        for open in self.tabs.iter().filter(|open| open.who == who) {
            let presence = &self.instances[open.instance].presence;
            presence.rename(&tenant(who.0), &open.tab.member.user, Some(name));
        }
    }

    async fn step(&mut self) {
        let instance = self.random.random_range(0..3);
        let who = (
            *self.tenants.choose(&mut self.random).unwrap(),
            *USERS.choose(&mut self.random).unwrap(),
        );
        let portal = *[Dashboard, Dm].choose(&mut self.random).unwrap();
        let some_tab = (!self.tabs.is_empty()).then(|| self.random.random_range(0..self.tabs.len()));
        match (self.random.random_range(0..100), some_tab) {
            (34..38, _) => self.log_out(who),
            (38..44, _) => self.rename(who),
            (44..60, Some(index)) => {
                let departure = *[Grace, Grace, SessionOver].choose(&mut self.random).unwrap();
                self.close(index, departure).tab.close(departure);
            }
            (60..84, Some(index)) => {
                let left = self.left.clone();
                let open = self.close(index, Grace);
                open.tab.close(Grace);
                self.left = left;
                // A page takes its time to load; in no time at all the net change would be none, with or without a grace.
                tokio::time::sleep(Duration::from_millis(self.random.random_range(0..RELOAD_MS_MAX))).await;
                self.open(open.who, open.portal, instance).await;
            }
            (84..90, _) => self.replace(instance, false).await,
            (90..96, _) => self.replace(instance, true).await,
            (96..100, _) => self.stand_still(instance).await,
            _ => {
                if self.left.contains(&who) {
                    self.flapped.insert(who);
                }
                self.open(who, portal, instance).await;
            }
        }
    }

    /// A deploy, after which all clients come back elsewhere; or a crash, after which half of them do.
    async fn replace(&mut self, instance: usize, crash: bool) {
        self.story
            .push(format!("{} {instance}", if crash { "crash" } else { "drain" }));
        let fresh = self.start_instance();
        let old = std::mem::replace(&mut self.instances[instance], fresh);
        let (mine, others) = std::mem::take(&mut self.tabs)
            .into_iter()
            .partition(|open: &OpenTab| open.instance == instance);
        self.tabs = others;
        let mine: Vec<OpenTab> = mine;
        if !crash {
            old.presence.drain().await.unwrap();
        }
        for open in &mine {
            if !crash || self.random.random_bool(0.5) {
                self.open(open.who, open.portal, (instance + 1) % 3).await;
            }
        }
        for open in &mine {
            if !self.is_open(open.who) {
                self.left.insert(open.who);
            }
        }
        old.crash();
        if self.staff.as_ref().is_some_and(|(staff, _)| *staff == instance) {
            self.staff = None;
        }
    }

    async fn stand_still(&mut self, instance: usize) {
        self.story.push(format!("stop {instance}"));
        self.instances[instance].pause();
        let paused = Clock::now();
        eventually("the lease's end", async || {
            paused.elapsed() > Self::config().lease + Duration::from_secs(1)
        })
        .await;
        self.instances[instance].resume();
        let elsewhere = |who| {
            self.tabs
                .iter()
                .any(|open| open.who == who && open.instance != instance)
        };
        let mine = self.tabs.iter().map(|open| open.who);
        let only_there: BTreeSet<Who> = mine.filter(|who| !elsewhere(*who)).collect();
        self.flapped.extend(&only_there);
        self.late.extend(only_there);
    }

    fn online(&self) -> BTreeMap<Who, BTreeSet<Portal>> {
        let mut online: BTreeMap<Who, BTreeSet<Portal>> = BTreeMap::new();
        for open in &self.tabs {
            online.entry(open.who).or_default().insert(open.portal);
        }
        online
    }

    async fn round(&mut self) {
        let before = self.online();
        self.story.push("---".to_owned());
        self.left.clear();
        self.flapped = std::mem::take(&mut self.late);
        for open in &mut self.tabs {
            open.old = true;
            open.tab.picture.log.clear();
        }
        if let Some((_, tab)) = &mut self.staff {
            tab.picture.log.clear();
        }
        for _ in 0..self.random.random_range(2..7) {
            self.step().await;
        }
        let after = self.online();
        let is_staff_old = self.staff.is_some();
        if !is_staff_old {
            self.watch_all().await;
        }
        self.check_pictures(&after).await;
        let observers = self.tabs.iter().filter(|open| open.old);
        let tenants = observers.map(|open| (Some(open.who.0), &open.tab.picture.log));
        let staff = self.staff.iter().filter(|_| is_staff_old);
        let staff = staff.map(|(_, tab)| (None, &tab.picture.log));
        for (sees, log) in tenants.chain(staff) {
            self.check_announcements(sees, log, &before, &after);
        }
    }

    /// Waits until everybody sees who is there, with which portals and name.
    async fn check_pictures(&mut self, online: &BTreeMap<Who, BTreeSet<Portal>>) {
        let shown = |who: &Who| {
            let portals = serde_json::to_string(&online[who]).unwrap();
            format!("{portals} {}", serde_json::json!(self.names.get(who)))
        };
        let shown: BTreeMap<Who, String> = online.keys().map(|who| (*who, shown(who))).collect();
        for open in &mut self.tabs {
            let same_tenant = shown.iter().filter(|(who, _)| who.0 == open.who.0);
            let expected = same_tenant
                .map(|(who, shown)| (who.1.to_owned(), shown.clone()))
                .collect();
            let what = format!("{expected:#?} after {:#?}", self.story);
            open.tab.until(&what, |picture| picture.users == expected).await;
        }
        if let Some((_, tab)) = &mut self.staff {
            let expected = shown
                .iter()
                .map(|(who, shown)| (of_tenant(*who), shown.clone()))
                .collect();
            let what = format!("{expected:#?} after {:#?}", self.story);
            tab.until(&what, |picture| picture.users == expected).await;
        }
    }

    /// What one observer was told: each change once, and nothing that did not happen.
    fn check_announcements(
        &self,
        sees: Option<&str>,
        log: &[String],
        before: &BTreeMap<Who, BTreeSet<Portal>>,
        after: &BTreeMap<Who, BTreeSet<Portal>>,
    ) {
        for &tenant in self
            .tenants
            .iter()
            .filter(|tenant| sees.is_none_or(|sees| sees == **tenant))
        {
            for who in USERS.map(|user| (tenant, user)) {
                let id = sees.map_or_else(|| of_tenant(who), |_| who.1.to_owned());
                let told = |sign: &str| log.iter().filter(|line| **line == format!("{sign}{id}")).count();
                let expected = match (before.contains_key(&who), after.contains_key(&who)) {
                    (false, true) => (1, 0),
                    (true, false) => (0, 1),
                    (true, true) => (0, 0),
                    (false, false) => continue,
                };
                if !self.flapped.contains(&who) {
                    let told = (told("+"), told("-"));
                    assert_eq!(told, expected, "{who:?} as seen in {sees:?}: {log:?} {:#?}", self.story);
                }
            }
        }
    }
}

/// How the staff's tab calls somebody.
fn of_tenant(who: Who) -> String {
    format!("{}:{}", who.0, who.1)
}

async fn play(seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let mut history = History {
        tenants: TENANTS.sample(&mut random, TENANTS_A_HISTORY).copied().collect(),
        names: BTreeMap::new(),
        staff: None,
        random,
        server: settled_server().await,
        instances: Vec::new(),
        started: 0,
        tabs: Vec::new(),
        left: BTreeSet::new(),
        flapped: BTreeSet::new(),
        late: BTreeSet::new(),
        story: vec![format!("PRESENCE_MODEL_SEEDS={seed}")],
    };
    for _ in 0..3 {
        let instance = history.start_instance();
        history.instances.push(instance);
    }
    for _ in 0..ROUNDS {
        history.round().await;
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "which histories are played is no setting of the gateway"
)]
fn seeds() -> RangeInclusive<u64> {
    let Ok(wanted) = std::env::var("PRESENCE_MODEL_SEEDS") else {
        return SEEDS;
    };
    let (first, last) = wanted.split_once('-').unwrap_or((&wanted, &wanted));
    first.parse().unwrap()..=last.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_observer_sees_what_happened() {
    futures_util::stream::iter(seeds().map(play))
        .buffer_unordered(AT_ONCE)
        .collect::<()>()
        .await;
}
