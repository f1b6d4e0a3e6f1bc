//! One connection's namespaces.
//!
//! Packets are handled in the order in which they came. One handler runs at a time, with one exception: events that
//! overlap (chat messages) may wait for their commits together, since their place in the order is fixed before.

mod advance;
mod finish;
mod guarded;

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::sync::Arc;

use bytes::Bytes;
use bytestring::ByteString;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use shared_protocol::events::{AckError, ErrorCode};
use shared_protocol::socketio::{DecodeError, Decoder, Frame, Limits, MAX_ATTACHMENTS, Packet};

use crate::hub::{Delivery, EndReason, Inbox, Mailbox, SocketKey};
use crate::socket::disconnect_reason::DisconnectReason;
use crate::socket::handler::{Ack, ConnectRequest, Handler, Joined, Peer, Refusal, RequestId, Stage, Welcome};
use crate::socket::metrics::label;
use crate::socket::upper_layer::{Output, UpperLayer};
use crate::telemetry::panic_location;
use guarded::{Guarded, INTERNAL, Unanswered};

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
    commits: FuturesUnordered<Guarded<Vec<Frame>, Unanswered>>,
    /// Events so far.
    events: u64,
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
        future: Guarded<Result<Welcome<S>, Refusal>, ()>,
    },
    Handling(Guarded<Stage, Unanswered>),
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
            events: 0,
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
            let handler = Arc::clone(&self.handler);
            let future = Guarded::call(|| handler.connect(request), ());
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
                self.events += 1;
                let ack = Ack::new(namespace, id, RequestId::new(Arc::clone(&self.peer), self.events));
                let unanswered = Unanswered::new(&ack, label(event.name()));
                let socket = &mut self.sockets[index].socket;
                self.running = Running::Handling(Guarded::call(|| socket.on_client_event(event, ack), unanswered));
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

    fn connect_panicked(&self) -> Refusal {
        tracing::error!(
            connection.id = self.peer.connection_id,
            panic.location = panic_location(),
            "a CONNECT's handler panicked: a bug of ours; its connection ends"
        );
        AckError::new(ErrorCode::Internal, INTERNAL).into()
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
