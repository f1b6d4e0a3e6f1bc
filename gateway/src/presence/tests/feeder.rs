//! What drives an instance in a test: a small bus, and a gate that makes it stand still.

use std::collections::BTreeSet;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use futures_util::StreamExt as _;
use redis::aio::PubSubSink;

use super::super::{ChangeFeed, Presence};
use super::support::POLL;
use crate::bus::BusError;

/// Lets a future be stopped in its tracks.
#[derive(Default)]
pub(super) struct Gate {
    shut: AtomicBool,
    wakers: Mutex<Vec<Waker>>,
}

impl Gate {
    pub(super) fn close(&self) {
        self.shut.store(true, Ordering::SeqCst);
    }

    pub(super) fn open(&self) {
        self.shut.store(false, Ordering::SeqCst);
        self.wakers.lock().unwrap().drain(..).for_each(Waker::wake);
    }

    pub(super) async fn guard(&self, future: impl Future<Output = ()>) {
        let mut future = pin!(future);
        poll_fn(|context| {
            if self.shut.load(Ordering::SeqCst) {
                self.wakers.lock().unwrap().push(context.waker().clone());
                return Poll::Pending;
            }
            future.as_mut().poll(context)
        })
        .await;
    }
}

/// What `bus` does, in short.
#[derive(Default)]
pub(super) struct Feeder {
    sink: tokio::sync::Mutex<Option<PubSubSink>>,
    channels: Mutex<BTreeSet<(bool, String)>>,
}

impl Feeder {
    pub(super) fn feed(self: &Arc<Self>) -> ChangeFeed {
        let [one, two, three, four] = [self, self, self, self].map(Arc::clone);
        ChangeFeed {
            subscribe: Box::new(move |channel| Box::pin(Arc::clone(&one).subscribe(false, channel))),
            unsubscribe: Box::new(move |channel| {
                two.channels.lock().unwrap().remove(&(false, channel.to_owned()));
            }),
            subscribe_pattern: Box::new(move |pattern| Box::pin(Arc::clone(&three).subscribe(true, pattern))),
            unsubscribe_pattern: Box::new(move |pattern| {
                four.channels.lock().unwrap().remove(&(true, pattern.to_owned()));
            }),
        }
    }

    async fn subscribe(self: Arc<Self>, pattern: bool, channel: String) -> Result<(), BusError> {
        let mut sink = self.sink.lock().await;
        let sink = sink.as_mut().ok_or(BusError::Unavailable)?;
        let done = if pattern {
            sink.psubscribe(&channel).await
        } else {
            sink.subscribe(&channel).await
        };
        done.map_err(|_| BusError::Unavailable)?;
        self.channels.lock().unwrap().insert((pattern, channel));
        Ok(())
    }

    pub(super) async fn run(&self, client: redis::Client, presence: Presence, deaf: Arc<AtomicBool>) {
        let mut first = true;
        loop {
            let Ok(pubsub) = client.get_async_pubsub().await else {
                tokio::time::sleep(POLL).await;
                continue;
            };
            let (mut sink, mut stream) = pubsub.split();
            let channels = self.channels.lock().unwrap().clone();
            for (pattern, channel) in channels {
                let done = if pattern {
                    sink.psubscribe(channel).await
                } else {
                    sink.subscribe(channel).await
                };
                if done.is_err() {
                    break;
                }
            }
            *self.sink.lock().await = Some(sink);
            if !std::mem::take(&mut first) {
                presence.on_interrupted();
            }
            while let Some(message) = stream.next().await {
                if !deaf.load(Ordering::SeqCst) {
                    assert!(presence.on_change(message.get_channel_name(), message.get_payload_bytes()));
                }
            }
            *self.sink.lock().await = None;
        }
    }
}
