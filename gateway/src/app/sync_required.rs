//! Tells local sockets that they may have missed live deliveries, spread over time so that the answers do not come at once.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use shared_protocol::events::names::to_client::SYNC_REQUIRED;
use shared_protocol::events::{Namespace, Nothing};
use shared_protocol::socketio::Frame;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::hub::Hub;

/// Time over which all sockets are told.
const SPREAD: Duration = Duration::from_secs(5);
/// Lost peers that are remembered; ids are never used again.
const LOST_MAX: usize = 64;
/// Steps in that time.
const STEPS: usize = 50;

/// Cheap to clone.
#[derive(Clone)]
pub(super) struct SyncRequired {
    hub: Arc<Hub>,
    asked: Arc<Notify>,
    lost: Arc<Mutex<VecDeque<String>>>,
}

impl SyncRequired {
    pub(super) fn new(hub: Arc<Hub>) -> Self {
        Self {
            hub,
            asked: Arc::default(),
            lost: Arc::default(),
        }
    }

    /// Has every socket of this instance told soon. Waits for nothing; asking twice before it begins tells once.
    pub(super) fn tell_all(&self) {
        self.asked.notify_one();
    }

    /// Likewise for the loss of a peer, once however many tell of it. `true`: it is news here.
    pub(super) fn tell_of_lost(&self, instance: &str) -> bool {
        let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        if lost.iter().any(|known| known == instance) {
            return false;
        }
        if lost.len() == LOST_MAX {
            lost.pop_front();
        }
        lost.push_back(instance.to_owned());
        drop(lost);
        self.tell_all();
        true
    }

    /// Runs until shutdown.
    pub(super) async fn run(self, shutdown: CancellationToken) {
        let frames = Namespace::ALL.map(|namespace| {
            Frame::event(namespace.as_str(), SYNC_REQUIRED, &Nothing {}).map(|frame| (namespace, frame))
        });
        loop {
            tokio::select! {
                () = self.asked.notified() => {}
                () = shutdown.cancelled() => return,
            }
            let members = self.hub.all();
            let step = members.len().div_ceil(STEPS).max(1);
            for some in members.chunks(step) {
                for member in some {
                    let frame = frames
                        .iter()
                        .flatten()
                        .find(|(namespace, _)| *namespace == member.namespace);
                    if let Some((_, frame)) = frame {
                        member.mailbox.deliver(member.key, frame.clone());
                    }
                }
                tokio::select! {
                    () = tokio::time::sleep(SPREAD / u32::try_from(STEPS).unwrap_or(1)) => {}
                    () = shutdown.cancelled() => return,
                }
            }
        }
    }
}
