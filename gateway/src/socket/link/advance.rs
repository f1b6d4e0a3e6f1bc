//! Whose turn it is: packets start in their order, and what they come to is written as soon as it is there.

use std::task::{Context, Poll};

use futures_util::{FutureExt as _, StreamExt as _};
use shared_protocol::socketio::Packet;

use super::guarded::Unanswered;
use super::{COMMITS_MAX, Link, Running};
use crate::socket::disconnect_reason::DisconnectReason;
use crate::socket::handler::{Handler, Joined as _, Stage};
use crate::socket::upper_layer::{Output, UpperLayer as _};

impl<H: Handler> Link<H> {
    pub(super) fn poll_advance(&mut self, context: &mut Context<'_>) -> Poll<Output> {
        let was_full = !self.wants_input();
        loop {
            if let Err(reason) = self.start_next() {
                return Poll::Ready(Output {
                    frames: Vec::new(),
                    end: Some(reason),
                });
            }
            if was_full && self.wants_input() {
                // Nothing to write, and something to do all the same: the connection has stopped reading, and may go on. Events
                // without acks would otherwise leave it standing until a ping is due.
                return Poll::Ready(Output::default());
            }
            match &mut self.running {
                Running::Nothing => {}
                Running::Connecting { future, .. } => {
                    if let Poll::Ready(outcome) = future.poll_unpin(context) {
                        let end = outcome.is_err().then_some(DisconnectReason::Panicked);
                        let outcome = outcome.unwrap_or_else(|_| Err(self.connect_panicked()));
                        return Poll::Ready(Output {
                            frames: self.on_connect_outcome(outcome),
                            end,
                        });
                    }
                }
                Running::Handling(handling) => {
                    if let Poll::Ready(outcome) = handling.poll_unpin(context) {
                        let output = match outcome {
                            Ok(Stage::Done(frames)) if frames.is_empty() => None,
                            Ok(Stage::Done(frames)) => Some(Output { frames, end: None }),
                            Ok(Stage::Committing(commit)) => {
                                self.commits.push(handling.then(commit));
                                None
                            }
                            Ok(Stage::Cut(reason)) => Some(Output {
                                frames: Vec::new(),
                                end: Some(reason),
                            }),
                            Err(unanswered) => Some(after_panic(unanswered)),
                        };
                        self.running = Running::Nothing;
                        match output {
                            Some(output) => return Poll::Ready(output),
                            None => continue,
                        }
                    }
                }
            }
            match self.commits.poll_next_unpin(context) {
                // The place that a commit leaves may let the next packet start.
                Poll::Ready(Some(Ok(frames))) if frames.is_empty() => {}
                Poll::Ready(Some(Ok(frames))) => return Poll::Ready(Output { frames, end: None }),
                Poll::Ready(Some(Err(unanswered))) => return Poll::Ready(after_panic(unanswered)),
                Poll::Ready(None) | Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// Starts the next packet's handler, if its turn has come.
    fn start_next(&mut self) -> Result<(), DisconnectReason> {
        while matches!(self.running, Running::Nothing) {
            let Some(packet) = self.waiting.front() else {
                return Ok(());
            };
            let may_overlap = self.commits.len() < COMMITS_MAX && self.overlaps(packet);
            if !self.commits.is_empty() && !may_overlap {
                return Ok(());
            }
            let Some(packet) = self.waiting.pop_front() else {
                return Ok(());
            };
            self.start(packet)?;
        }
        Ok(())
    }

    fn overlaps(&self, packet: &Packet) -> bool {
        match packet {
            Packet::Event { namespace, event, .. } => self
                .position(namespace)
                .is_some_and(|index| self.sockets[index].socket.overlaps(event)),
            // Acks of the server's events go to whoever asked, and change nothing here.
            Packet::Ack { .. } => true,
            Packet::Connect { .. } | Packet::Disconnect { .. } | Packet::ConnectError { .. } => false,
        }
    }
}

/// What is written after a handler has panicked; then the connection ends.
fn after_panic(unanswered: Option<Unanswered>) -> Output {
    Output {
        frames: unanswered.map(Unanswered::after_panic).unwrap_or_default(),
        end: Some(DisconnectReason::Panicked),
    }
}
