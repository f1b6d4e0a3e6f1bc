//! Redis pub/sub between instances, and from the API: at most once, no history.
//!
//! One subscriber connection and one publisher connection an instance. What was missed while either was away is not
//! replayed: whoever may have missed something is told to sync.

mod book;
mod echo;
mod metrics;
mod publisher;
mod subscriber;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Notify;
use tokio::sync::mpsc;
use tokio::time::Instant;

use book::{Book, Topic};
use echo::Echo;
pub use metrics::BusMetrics;
pub use publisher::Publisher;
pub use subscriber::{Listener, Subscriber};

use crate::db::Redis;

/// How long a subscription may take to be confirmed; a socket's CONNECT waits for it.
const CONFIRM_TIMEOUT: Duration = Duration::from_secs(3);
/// Publications that wait while Redis is slow or away.
const PUBLISH_QUEUE: usize = 8192;

/// Why a subscription did not come about.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// Redis did not confirm it in time.
    #[error("redis did not confirm the subscription in time")]
    Unavailable,
}

/// What arrives.
#[derive(Debug)]
pub struct BusMessage {
    /// Where it was published.
    pub channel: String,
    /// What was published.
    pub payload: Bytes,
}

/// What is to be published.
#[derive(Debug)]
struct Publication {
    channel: String,
    payload: Bytes,
}

/// A handle to the bus. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Bus(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    book: Mutex<Book>,
    book_changed: Notify,
    publications: mpsc::Sender<Publication>,
    overflowed: std::sync::atomic::AtomicBool,
    metrics: BusMetrics,
    echo: Echo,
}

/// The bus and the two drivers that must run for it to work.
pub fn bus(
    redis: &Redis,
    instance: &str,
    metrics: BusMetrics,
) -> Result<(Bus, Subscriber, Publisher), deadpool_redis::CreatePoolError> {
    let (publications, queue) = mpsc::channel(PUBLISH_QUEUE);
    let shared = Arc::new(Shared {
        book: Mutex::default(),
        book_changed: Notify::new(),
        publications,
        overflowed: std::sync::atomic::AtomicBool::new(false),
        metrics,
        echo: Echo::new(redis.keys().echo(instance)),
    });
    let subscriber = Subscriber::new(Arc::clone(&shared), redis.client().clone());
    let publisher = Publisher::new(Arc::clone(&shared), queue, redis, instance)?;
    let bus = Bus(shared);
    bus.want_channel(bus.0.echo.channel());
    Ok((bus, subscriber, publisher))
}

impl Bus {
    /// Subscribes to a channel; counted, so that each subscriber gives back its own. Returns once Redis has confirmed it.
    pub async fn subscribe(&self, channel: &str) -> Result<(), BusError> {
        self.hold(Topic::Channel(channel.to_owned())).await
    }

    /// Gives a subscription back; the channel is left a little later, when nobody wants it.
    pub fn unsubscribe(&self, channel: &str) {
        self.release(&Topic::Channel(channel.to_owned()));
    }

    /// Like [`Self::subscribe`], for a glob pattern.
    pub async fn subscribe_pattern(&self, pattern: &str) -> Result<(), BusError> {
        self.hold(Topic::Pattern(pattern.to_owned())).await
    }

    /// Gives a pattern back.
    pub fn unsubscribe_pattern(&self, pattern: &str) {
        self.release(&Topic::Pattern(pattern.to_owned()));
    }

    /// Wants a pattern from now on, whenever Redis is there; waits for nothing.
    pub fn want_pattern(&self, pattern: &str) {
        self.want(Topic::Pattern(pattern.to_owned()));
    }

    /// Wants a channel from now on, whenever Redis is there; waits for nothing.
    pub fn want_channel(&self, channel: &str) {
        self.want(Topic::Channel(channel.to_owned()));
    }

    /// Publishes in the order of calls; waits for nothing. What cannot be published now is kept, bounded; what is lost makes
    /// every instance tell its sockets to sync.
    pub fn publish(&self, channel: String, payload: Bytes) {
        if self.0.publications.try_send(Publication { channel, payload }).is_err() {
            self.0.overflowed.store(true, std::sync::atomic::Ordering::Release);
        }
    }

    fn want(&self, topic: Topic) {
        drop(self.0.book().hold(topic));
        self.0.book_changed.notify_one();
    }

    async fn hold(&self, topic: Topic) -> Result<(), BusError> {
        let Some(confirmed) = self.0.book().hold(topic.clone()) else {
            return Ok(());
        };
        // Gives the hold back when the caller gives up, however it does: by time-out or by being dropped.
        let mut hold = HoldGuard {
            bus: self,
            topic: Some(topic),
        };
        self.0.book_changed.notify_one();
        match tokio::time::timeout(CONFIRM_TIMEOUT, confirmed).await {
            Ok(Ok(())) => {
                hold.topic = None;
                Ok(())
            }
            Ok(Err(_)) | Err(_) => Err(BusError::Unavailable),
        }
    }

    fn release(&self, topic: &Topic) {
        self.0.book().release(topic, Instant::now());
    }
}

struct HoldGuard<'a> {
    bus: &'a Bus,
    topic: Option<Topic>,
}

impl Drop for HoldGuard<'_> {
    fn drop(&mut self) {
        if let Some(topic) = self.topic.take() {
            self.bus.release(&topic);
        }
    }
}

impl Shared {
    /// Says something to ourselves, behind all that waits. Where nothing more fits in, the queue's length says enough.
    fn say_echo(&self) {
        drop(self.publications.try_send(self.echo.say()));
    }

    fn book(&self) -> std::sync::MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
