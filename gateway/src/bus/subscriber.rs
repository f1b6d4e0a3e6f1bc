//! The subscriber connection: keeps what the book wants subscribed, and hands on what arrives, in order.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use redis::aio::{PubSubSink, PubSubStream};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::book::Topic;
use super::{BusMessage, Shared};

/// How often an idle link proves that it lives, and lapsed topics are left.
const UPKEEP: Duration = Duration::from_secs(2);
/// How long Redis may take for one step on this link before it counts as dead.
const STEP_TIMEOUT: Duration = Duration::from_secs(3);
/// Topics in one SUBSCRIBE: bounds the reply that a single step waits for.
const TOPICS_PER_STEP: usize = 512;
const RECONNECT_MIN: Duration = Duration::from_millis(50);
const RECONNECT_MAX: Duration = Duration::from_secs(1);

/// Who hears what arrives. Called from one task, in the order of arrival; must not block.
pub struct Listener {
    /// A message.
    pub on_message: Box<dyn Fn(BusMessage) + Send + Sync>,
    /// The link was lost and everything is subscribed again: messages in between are gone.
    pub on_restored: Box<dyn Fn() + Send + Sync>,
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Listener")
    }
}

/// The driver of the subscriber connection.
#[derive(Debug)]
pub struct Subscriber {
    shared: Arc<Shared>,
    client: redis::Client,
}

#[derive(Debug, thiserror::Error)]
enum LinkError {
    #[error(transparent)]
    Redis(#[from] redis::RedisError),
    #[error("redis did not answer in time")]
    TimedOut,
    #[error("redis closed the connection")]
    Closed,
}

impl Subscriber {
    pub(super) fn new(shared: Arc<Shared>, client: redis::Client) -> Self {
        Self { shared, client }
    }

    /// Runs until shutdown, over any number of lost links.
    pub async fn run(self, listener: Listener, shutdown: CancellationToken) {
        let mut was_up = false;
        let mut pause = RECONNECT_MIN;
        loop {
            let up_since = Instant::now();
            let outcome = tokio::select! {
                outcome = self.serve_link(&listener, &mut was_up) => outcome,
                () = shutdown.cancelled() => return,
            };
            self.shared.book().link_lost();
            if let Err(error) = outcome {
                tracing::warn!(%error, "bus subscriber lost its link");
                self.shared.metrics.interrupted("subscriber");
            }
            pause = if up_since.elapsed() > RECONNECT_MAX {
                RECONNECT_MIN
            } else {
                (pause * 2).min(RECONNECT_MAX)
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = shutdown.cancelled() => return,
            }
        }
    }

    async fn serve_link(&self, listener: &Listener, was_up: &mut bool) -> Result<(), LinkError> {
        let (mut sink, mut stream) = within(self.client.get_async_pubsub()).await?.split();
        self.subscribe_wanted(&mut sink).await?;
        if *was_up {
            tracing::info!("bus subscriber is back; local sockets have to sync");
            (listener.on_restored)();
        }
        *was_up = true;
        tokio::select! {
            outcome = self.keep_up(&mut sink) => outcome,
            () = self.hand_on(&mut stream, listener) => Err(LinkError::Closed),
        }
    }

    /// Follows the book and proves the link alive. A silent peer counts as dead: the kernel would tell only after minutes.
    async fn keep_up(&self, sink: &mut PubSubSink) -> Result<(), LinkError> {
        let mut upkeep = tokio::time::interval(UPKEEP);
        upkeep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.shared.book_changed.notified() => self.subscribe_wanted(sink).await?,
                _ = upkeep.tick() => {
                    let lapsed = self.shared.book().take_lapsed(Instant::now());
                    for topics in lapsed.chunks(TOPICS_PER_STEP) {
                        let (channels, patterns) = split(topics);
                        if !channels.is_empty() {
                            within(sink.unsubscribe(&channels)).await?;
                        }
                        if !patterns.is_empty() {
                            within(sink.punsubscribe(&patterns)).await?;
                        }
                    }
                    within(sink.ping::<redis::Value>()).await?;
                }
            }
        }
    }

    /// Asks for everything wanted. Those who come while a step is under way share the next one.
    async fn subscribe_wanted(&self, sink: &mut PubSubSink) -> Result<(), LinkError> {
        loop {
            let wanted = self.shared.book().take_wanted();
            if wanted.is_empty() {
                return Ok(());
            }
            for topics in wanted.chunks(TOPICS_PER_STEP) {
                match subscribe(sink, topics).await {
                    Ok(()) => self.shared.book().confirm(topics),
                    Err(error) if error.is_refusal() => self.subscribe_one_by_one(sink, topics).await?,
                    Err(error) => return Err(error),
                }
            }
        }
    }

    /// Finds out which of them Redis refuses (an ACL, most likely): those who want it hear so, and nobody else suffers for it.
    async fn subscribe_one_by_one(&self, sink: &mut PubSubSink, topics: &[Topic]) -> Result<(), LinkError> {
        for topic in topics.chunks(1) {
            match subscribe(sink, topic).await {
                Ok(()) => self.shared.book().confirm(topic),
                Err(error) if error.is_refusal() => {
                    // Not which: a channel's name may hold a session id.
                    tracing::error!(%error, "redis refuses a subscription; compare its ACL with the runbook");
                    self.shared.book().refuse(topic);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn hand_on(&self, stream: &mut PubSubStream, listener: &Listener) {
        while let Some(message) = stream.next().await {
            self.shared.metrics.received.inc();
            let payload = Bytes::copy_from_slice(message.get_payload_bytes());
            let channel = message.get_channel_name();
            if self.shared.echo.is_on(channel) {
                self.shared.metrics.echoed(self.shared.echo.took(&payload));
                continue;
            }
            (listener.on_message)(BusMessage {
                channel: channel.to_owned(),
                payload,
            });
        }
    }
}

impl LinkError {
    /// Whether Redis understood, and said no; the link is as good as before.
    fn is_refusal(&self) -> bool {
        match self {
            Self::Redis(error) => error.code().is_some() && !error.is_io_error(),
            Self::TimedOut | Self::Closed => false,
        }
    }
}

async fn subscribe(sink: &mut PubSubSink, topics: &[Topic]) -> Result<(), LinkError> {
    let (channels, patterns) = split(topics);
    if !channels.is_empty() {
        within(sink.subscribe(&channels)).await?;
    }
    if !patterns.is_empty() {
        within(sink.psubscribe(&patterns)).await?;
    }
    Ok(())
}

fn split(topics: &[Topic]) -> (Vec<&str>, Vec<&str>) {
    let mut channels = Vec::new();
    let mut patterns = Vec::new();
    for topic in topics {
        match topic {
            Topic::Channel(name) => channels.push(name.as_str()),
            Topic::Pattern(glob) => patterns.push(glob.as_str()),
        }
    }
    (channels, patterns)
}

async fn within<T>(step: impl Future<Output = redis::RedisResult<T>>) -> Result<T, LinkError> {
    match tokio::time::timeout(STEP_TIMEOUT, step).await {
        Ok(outcome) => Ok(outcome?),
        Err(_) => Err(LinkError::TimedOut),
    }
}
