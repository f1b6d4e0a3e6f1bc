//! Many users who have joined and listen.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

use crate::latencies::{Latencies, Percentiles};
use crate::link::{Link, LinkError};
use crate::pacer;
use crate::target::Target;
use crate::users::User;
use crate::wire::{PresenceNews, Received};

/// How fast a crowd comes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pace {
    /// As fast as it is let in, with so many at the door at any time.
    AtTheDoor(usize),
    /// So many a second, whoever waits.
    PerSecond(f64),
}

/// Hears what each member is told of the others.
pub(crate) trait Audience {
    fn told(&self, member: usize, news: &PresenceNews, bytes: usize);
}

/// Does not listen.
pub(crate) struct Indifferent;

impl Audience for Indifferent {
    fn told(&self, _: usize, _: &PresenceNews, _: usize) {}
}

/// All of them. They leave when it is dropped.
pub(crate) struct Crowd {
    members: JoinSet<()>,
    audience: Rc<dyn Audience>,
    links_lost: Rc<Cell<u64>>,
    handshakes: Latencies,
    took: Duration,
    last_join: Instant,
}

impl Crowd {
    /// Lets them all in; fails with the first who is not let in.
    pub(crate) async fn enter(
        target: &Target,
        users: &[User],
        pace: Pace,
        audience: Rc<dyn Audience>,
    ) -> Result<Self, LinkError> {
        let began = Instant::now();
        let mut crowd = Self {
            members: JoinSet::new(),
            audience,
            links_lost: Rc::default(),
            handshakes: Latencies::new(),
            took: Duration::ZERO,
            last_join: began,
        };
        let (entered, mut entries) = unbounded_channel();
        let mut turns = Turns::of(pace, users.len());
        for (at, user) in users.iter().enumerate() {
            let (due, permit) = turns.next().await;
            let member = crowd.member(at);
            let (target, user, entered) = (target.clone(), user.clone(), entered.clone());
            crowd.members.spawn_local(async move {
                let joined = Link::join(&target, &user, at).await;
                drop(permit);
                if let Some(link) = tell(&entered, due, joined) {
                    member.listen(link).await;
                }
            });
        }
        drop(entered);
        for _ in users {
            let Some(entry) = entries.recv().await else { break };
            let Entry { handshake, at } = entry?;
            crowd.handshakes.record(handshake);
            crowd.last_join = crowd.last_join.max(at);
        }
        crowd.took = crowd.last_join - began;
        Ok(crowd)
    }

    /// Takes in one who has joined by other means. Nobody looks at what they are told.
    pub(crate) fn keep(&mut self, link: Link) {
        let newcomer = Member {
            audience: Rc::new(Indifferent),
            ..self.member(usize::MAX)
        };
        self.members.spawn_local(newcomer.listen(link));
    }

    pub(crate) fn handshakes(&self) -> Percentiles {
        self.handshakes.percentiles()
    }

    /// From the first handshake's begin to the last one's end.
    pub(crate) const fn took(&self) -> Duration {
        self.took
    }

    pub(crate) const fn last_join(&self) -> Instant {
        self.last_join
    }

    pub(crate) fn links_lost(&self) -> u64 {
        self.links_lost.get()
    }

    fn member(&self, at: usize) -> Member {
        Member {
            at,
            audience: Rc::clone(&self.audience),
            links_lost: Rc::clone(&self.links_lost),
        }
    }
}

struct Member {
    at: usize,
    audience: Rc<dyn Audience>,
    links_lost: Rc<Cell<u64>>,
}

impl Member {
    async fn listen(self, mut link: Link) {
        while let Ok(received) = link.next().await {
            if let Received::Presence(news) = received {
                self.audience.told(self.at, &news, link.heard_bytes());
            }
        }
        self.links_lost.set(self.links_lost.get() + 1);
    }
}

/// One who has been let in.
struct Entry {
    handshake: Duration,
    at: Instant,
}

fn tell(
    entered: &UnboundedSender<Result<Entry, LinkError>>,
    due: Instant,
    joined: Result<Link, LinkError>,
) -> Option<Link> {
    let at = Instant::now();
    let handshake = at.saturating_duration_since(due);
    let (entry, link) = match joined {
        Ok(link) => (Ok(Entry { handshake, at }), Some(link)),
        Err(error) => (Err(error), None),
    };
    // Nobody listens any more after a failure.
    _ = entered.send(entry);
    link
}

enum Turns {
    AtTheDoor(Arc<Semaphore>),
    PerSecond(tokio::sync::mpsc::UnboundedReceiver<Instant>),
}

impl Turns {
    fn of(pace: Pace, users: usize) -> Self {
        match pace {
            Pace::AtTheDoor(places) => Self::AtTheDoor(Arc::new(Semaphore::new(places))),
            Pace::PerSecond(rate) => Self::PerSecond(pacer::steady(rate, users as u64)),
        }
    }

    /// When the next one is due, and their place at the door.
    async fn next(&mut self) -> (Instant, Option<OwnedSemaphorePermit>) {
        match self {
            Self::AtTheDoor(places) => {
                let permit = Arc::clone(places).acquire_owned().await.ok();
                (Instant::now(), permit)
            }
            Self::PerSecond(due) => (due.recv().await.unwrap_or_else(Instant::now), None),
        }
    }
}
