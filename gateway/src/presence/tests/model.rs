//! Random histories over three instances and several tenants against a model: every tab's picture must come to what the model
//! says, and nobody may have been told more than what happened.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant as Clock};

use harness::redis::RedisServer;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use shared_protocol::events::Portal::{self, Dashboard, Dm};

use super::support::*;
use crate::config::PresenceConfig;
use crate::presence::Departure::{self, Grace, SessionOver};

const TENANTS: [&str; 3] = ["acme", "@manage", "{x}*%41"];
const USERS: [&str; 4] = ["ann", "bob", "cat", "dan"];
const ROUNDS: usize = 10;
const SEEDS: std::ops::RangeInclusive<u64> = 1..=8;

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
            grace: Duration::from_millis(600),
            ..config()
        }
    }

    fn start_instance(&mut self) -> Instance {
        self.started += 1;
        Instance::with(&self.server, &format!("i{}", self.started), Self::config())
    }

    async fn open(&mut self, who: Who, portal: Portal, instance: usize) {
        self.story.push(format!("open {who:?} {portal:?} on {instance}"));
        let tab = self.instances[instance].open(&tenant(who.0), who.1, portal).await;
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

    async fn step(&mut self) {
        let instance = self.random.random_range(0..3);
        let who = (
            *TENANTS.choose(&mut self.random).unwrap(),
            *USERS.choose(&mut self.random).unwrap(),
        );
        let portal = *[Dashboard, Dm].choose(&mut self.random).unwrap();
        let some_tab = (!self.tabs.is_empty()).then(|| self.random.random_range(0..self.tabs.len()));
        match (self.random.random_range(0..100), some_tab) {
            (40..60, Some(index)) => {
                let departure = *[Grace, Grace, SessionOver].choose(&mut self.random).unwrap();
                self.close(index, departure).tab.close(departure);
            }
            (60..84, Some(index)) => {
                let left = self.left.clone();
                let open = self.close(index, Grace);
                open.tab.close(Grace);
                self.left = left;
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
        let only_there: Vec<Who> = mine.filter(|who| !elsewhere(*who)).collect();
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
        for _ in 0..self.random.random_range(2..7) {
            self.step().await;
        }
        let after = self.online();
        for open in &mut self.tabs {
            let expected: BTreeMap<String, String> = after
                .iter()
                .filter(|(who, _)| who.0 == open.who.0)
                .map(|(who, portals)| {
                    (
                        who.1.to_owned(),
                        format!("{} null", serde_json::to_string(portals).unwrap()),
                    )
                })
                .collect();
            let what = format!("{expected:?} after {:#?}", self.story);
            open.tab.until(&what, |picture| picture.users == expected).await;
        }
        for open in self.tabs.iter().filter(|open| open.old) {
            for user in USERS {
                let who = (open.who.0, user);
                let told = |sign: &str| {
                    open.tab
                        .picture
                        .log
                        .iter()
                        .filter(|line| **line == format!("{sign}{user}"))
                        .count()
                };
                let expected = match (before.contains_key(&who), after.contains_key(&who)) {
                    (false, true) => (1, 0),
                    (true, false) => (0, 1),
                    (true, true) => (0, 0),
                    (false, false) => continue,
                };
                if !self.flapped.contains(&who) {
                    assert_eq!(
                        (told("+"), told("-")),
                        expected,
                        "{who:?} at {:?}: {:#?}",
                        open.who,
                        self.story
                    );
                }
            }
        }
    }
}

async fn play(seed: u64) {
    let mut history = History {
        random: StdRng::seed_from_u64(seed),
        server: settled_server().await,
        instances: Vec::new(),
        started: 0,
        tabs: Vec::new(),
        left: BTreeSet::new(),
        flapped: BTreeSet::new(),
        late: BTreeSet::new(),
        story: vec![format!("seed {seed}")],
    };
    for _ in 0..3 {
        let instance = history.start_instance();
        history.instances.push(instance);
    }
    for _ in 0..ROUNDS {
        history.round().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_observer_sees_what_happened() {
    futures_util::future::join_all(SEEDS.map(play)).await;
}
