//! One connection's namespaces.
//!
//! Packets are handled in the order in which they came. One handler runs at a time, with one exception: events that
//! overlap (chat messages) may wait for their commits together, since their place in the order is fixed before.

mod finish;

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use bytestring::ByteString;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use shared_protocol::socketio::{DecodeError, Decoder, Frame, Limits, MAX_ATTACHMENTS, Packet};

use crate::hub::{Delivery, EndReason, Inbox, Mailbox, SocketKey};
use crate::socket::disconnect_reason::DisconnectReason;
use crate::socket::handler::{Ack, ConnectRequest, Handler, Joined, Peer, Refusal, Stage, Welcome};
use crate::socket::upper_layer::{Output, UpperLayer};

/// Packets that may wait for the running handler before the connection stops reading.
const WAITING_MAX: usize = 64;
/// Chat messages of one connection whose commits are under way together.
const COMMITS_MAX: usize = 32;
/// Namespaces that one link may hold; more than anybody serves.
const SOCKETS_MAX: usize = 8;

/// CONNECT and DISCONNECT packets of one link, and ACKs that nobody waits for: events have their users' budgets, these would be
/// free. A page joins once a load; beyond this the link is cut.
const CONTROL_PER_SECOND: NonZeroU32 = NonZeroU32::new(5).expect("not zero");
const CONTROL_BURST: NonZeroU32 = NonZeroU32::new(50).expect("not zero");

/// See the module.
pub struct Link<H: Handler> {
    handler: Arc<H>,
    peer: Arc<Peer>,
    mailbox: Mailbox,
    decoder: Decoder,
    control: DefaultDirectRateLimiter,
    sockets: Vec<Slot<H::Socket>>,
    /// Namespaces that the server has ended: packets that were under way are ignored, not punished.
    expelled: Vec<ByteString>,
    waiting: VecDeque<Packet>,
    running: Running<H::Socket>,
    commits: FuturesUnordered<BoxFuture<'static, Vec<Frame>>>,
}

struct Slot<S> {
    key: SocketKey,
    namespace: ByteString,
    socket: S,
}

enum Running<S> {
    Nothing,
    Connecting {
        key: SocketKey,
        namespace: ByteString,
        future: BoxFuture<'static, Result<Welcome<S>, Refusal>>,
    },
    Handling(BoxFuture<'static, Stage>),
}

impl<H: Handler> Link<H> {
    /// A link without namespaces.
    pub fn new(handler: Arc<H>, peer: Arc<Peer>, mailbox: Mailbox, max_payload: usize) -> Self {
        let limits = Limits {
            max_attachments: MAX_ATTACHMENTS,
            max_attachment_bytes: max_payload,
        };
        Self {
            handler,
            peer,
            mailbox,
            decoder: Decoder::new(limits),
            control: RateLimiter::direct(Quota::per_second(CONTROL_PER_SECOND).allow_burst(CONTROL_BURST)),
            sockets: Vec::new(),
            expelled: Vec::new(),
            waiting: VecDeque::new(),
            running: Running::Nothing,
            commits: FuturesUnordered::new(),
        }
    }

    /// Queues a packet, unless the client sends more than pages have a use for.
    fn admit(&mut self, packet: Option<Packet>) -> Result<(), DisconnectReason> {
        let Some(packet) = packet else { return Ok(()) };
        if !matches!(packet, Packet::Event { .. } | Packet::Ack { .. }) && self.control.check().is_err() {
            return Err(DisconnectReason::Flooding);
        }
        self.waiting.push_back(packet);
        Ok(())
    }

    fn poll_advance(&mut self, context: &mut Context<'_>) -> Poll<Output> {
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
                    if let Poll::Ready(outcome) = future.as_mut().poll(context) {
                        return Poll::Ready(Output {
                            frames: self.on_connect_outcome(outcome),
                            end: None,
                        });
                    }
                }
                Running::Handling(future) => {
                    if let Poll::Ready(stage) = future.as_mut().poll(context) {
                        self.running = Running::Nothing;
                        match stage {
                            Stage::Done(frames) if frames.is_empty() => continue,
                            Stage::Done(frames) => return Poll::Ready(Output { frames, end: None }),
                            Stage::Committing(commit) => {
                                self.commits.push(commit);
                                continue;
                            }
                            Stage::Cut(reason) => {
                                return Poll::Ready(Output {
                                    frames: Vec::new(),
                                    end: Some(reason),
                                });
                            }
                        }
                    }
                }
            }
            match self.commits.poll_next_unpin(context) {
                // The place that a commit leaves may let the next packet start.
                Poll::Ready(Some(frames)) if frames.is_empty() => {}
                Poll::Ready(Some(frames)) => return Poll::Ready(Output { frames, end: None }),
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

    fn start(&mut self, packet: Packet) -> Result<(), DisconnectReason> {
        if let Packet::Connect { namespace, auth } = packet {
            if self.position(&namespace).is_some() {
                return Err(DisconnectReason::ProtocolError("already_connected"));
            }
            if self.sockets.len() >= SOCKETS_MAX {
                return Err(DisconnectReason::ProtocolError("too_many_namespaces"));
            }
            self.expelled.retain(|expelled| *expelled != namespace);
            let key = SocketKey::next();
            let request = ConnectRequest {
                key,
                namespace: namespace.clone(),
                auth,
                peer: Arc::clone(&self.peer),
                mailbox: self.mailbox.clone(),
            };
            let future = Arc::clone(&self.handler).connect(request);
            self.running = Running::Connecting { key, namespace, future };
            return Ok(());
        }
        let Some(index) = self.position(packet.namespace()) else {
            return if self.expelled.contains(packet.namespace()) {
                Ok(())
            } else {
                Err(DisconnectReason::ProtocolError("not_connected"))
            };
        };
        match packet {
            Packet::Event { namespace, id, event } => {
                let handling = self.sockets[index]
                    .socket
                    .on_client_event(event, Ack::new(namespace, id));
                self.running = Running::Handling(handling);
                Ok(())
            }
            Packet::Disconnect { .. } => {
                self.sockets
                    .swap_remove(index)
                    .socket
                    .close(DisconnectReason::ClientLeft);
                Ok(())
            }
            // What nobody waits for is late, or made up, and ignored as the reference does, in moderation.
            Packet::Ack { id, args, .. } => {
                if self.sockets[index].socket.on_ack(id, &args) || self.control.check().is_ok() {
                    Ok(())
                } else {
                    Err(DisconnectReason::Flooding)
                }
            }
            Packet::Connect { .. } | Packet::ConnectError { .. } => {
                Err(DisconnectReason::ProtocolError("wrong_direction"))
            }
        }
    }

    fn on_connect_outcome(&mut self, outcome: Result<Welcome<H::Socket>, Refusal>) -> Vec<Frame> {
        let Running::Connecting { key, namespace, .. } = std::mem::replace(&mut self.running, Running::Nothing) else {
            return Vec::new();
        };
        match outcome {
            Ok(welcome) => {
                let mut frames = vec![Frame::connected(&namespace, &welcome.id)];
                frames.extend(welcome.greeting);
                self.sockets.push(Slot {
                    key,
                    namespace,
                    socket: welcome.socket,
                });
                frames
            }
            Err(refusal) => Frame::connect_error(&namespace, &refusal.message, refusal.data.as_ref())
                .into_iter()
                .collect(),
        }
    }

    fn expel(&mut self, key: SocketKey, reason: EndReason, output: &mut Output) {
        let Some(index) = self.sockets.iter().position(|slot| slot.key == key) else {
            return;
        };
        let slot = self.sockets.swap_remove(index);
        output.frames.extend(slot.socket.farewell(reason));
        output.frames.push(Frame::disconnect(&slot.namespace));
        self.waiting.retain(|packet| *packet.namespace() != slot.namespace);
        self.expelled.push(slot.namespace);
        slot.socket.close(reason.into());
        if matches!(reason, EndReason::Kicked { close: true }) {
            output.end = Some(reason.into());
        }
    }

    fn position(&self, namespace: &ByteString) -> Option<usize> {
        self.sockets.iter().position(|slot| slot.namespace == *namespace)
    }
}

impl<H: Handler> UpperLayer for Link<H> {
    fn on_text(&mut self, text: ByteString) -> Result<(), DisconnectReason> {
        let packet = self.decoder.text(text).map_err(refused)?;
        self.admit(packet)
    }

    fn on_binary(&mut self, bytes: Bytes) -> Result<(), DisconnectReason> {
        let packet = self.decoder.binary(bytes).map_err(refused)?;
        self.admit(packet)
    }

    fn on_delivery(&mut self, delivery: Delivery, output: &mut Output) {
        match delivery {
            Delivery::Frame { socket, frame } => {
                if self.sockets.iter().any(|slot| slot.key == socket) {
                    output.frames.push(frame);
                }
            }
            Delivery::End {
                socket: Some(key),
                reason,
            } => self.expel(key, reason, output),
            Delivery::End { socket: None, reason } => output.end = Some(reason.into()),
        }
    }

    async fn advance(&mut self) -> Output {
        std::future::poll_fn(|context| self.poll_advance(context)).await
    }

    fn wants_input(&self) -> bool {
        self.waiting.len() < WAITING_MAX
    }

    /// Not while a CONNECT is under way, so that nothing overtakes its reply.
    fn wants_deliveries(&self) -> bool {
        !matches!(self.running, Running::Connecting { .. })
    }

    fn is_half_received(&self) -> bool {
        self.decoder.is_waiting()
    }

    fn is_joined(&self) -> bool {
        !self.sockets.is_empty()
    }

    fn close(mut self, inbox: Inbox, reason: DisconnectReason) -> Option<BoxFuture<'static, ()>> {
        self.stop_connecting();
        if self.is_busy() && reason.leaves_work_to_finish() {
            return Some(self.finish(inbox, reason).boxed());
        }
        self.leave(reason);
        None
    }
}

fn refused(error: DecodeError) -> DisconnectReason {
    DisconnectReason::ProtocolError(error.label())
}
