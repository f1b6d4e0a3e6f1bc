//! What a client said before it left.
//!
//! `emit("message:send")` and `disconnect()` in one breath, or a page that closes: the events were read, so they are handled, in
//! their order, as if the client were there to hear the answers.

use std::future::poll_fn;
use std::task::Poll;

use shared_protocol::socketio::Packet;
use tokio::time::timeout;

use super::{Link, Running};
use crate::hub::Inbox;
use crate::socket::disconnect_reason::DisconnectReason;
use crate::socket::handler::{Handler, Joined as _};
use crate::socket::portals::HANDLER_TIMEOUT;
use crate::socket::upper_layer::{Output, UpperLayer as _};

impl<H: Handler> Link<H> {
    /// Works off what is left, for as long as one event may take, and leaves. Until then its sockets count as there: they have
    /// their place in their user's cap, and an end of their session cuts this short as it would have before.
    pub(super) async fn finish(mut self, mut inbox: Inbox, reason: DisconnectReason) {
        let work = async {
            loop {
                let output = tokio::select! {
                    biased;
                    deliveries = inbox.take() => {
                        let mut output = Output::default();
                        for delivery in deliveries {
                            self.on_delivery(delivery, &mut output);
                        }
                        output
                    }
                    output = self.remaining() => match output {
                        Some(output) => output,
                        None => return None,
                    },
                };
                if let Some(end) = output.end.filter(|end| !end.leaves_work_to_finish()) {
                    return Some(end);
                }
            }
        };
        let cut_short = timeout(HANDLER_TIMEOUT, work).await.unwrap_or_default();
        self.leave(cut_short.unwrap_or(reason));
    }

    /// Like [`advance`](super::UpperLayer::advance), and `None` when there is nothing to wait for.
    async fn remaining(&mut self) -> Option<Output> {
        poll_fn(|context| match self.poll_advance(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if self.is_busy() => Poll::Pending,
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }

    pub(super) fn is_busy(&self) -> bool {
        !matches!(self.running, Running::Nothing) || !self.waiting.is_empty() || !self.commits.is_empty()
    }

    /// Nobody is there to join.
    pub(super) fn stop_connecting(&mut self) {
        self.waiting.retain(|packet| !matches!(packet, Packet::Connect { .. }));
        if matches!(self.running, Running::Connecting { .. }) {
            self.running = Running::Nothing;
        }
    }

    pub(super) fn leave(mut self, reason: DisconnectReason) {
        for slot in self.sockets.drain(..) {
            slot.socket.close(reason);
        }
    }
}
