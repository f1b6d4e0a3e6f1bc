//! What a link asks of whoever serves its namespaces.
//!
//! Two implementations live: the gateway's own socket, and the echo server that protocol conformance suites talk to.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use bytestring::ByteString;
use futures_util::future::BoxFuture;
use serde::Serialize;
use shared_protocol::events::{AckError, ErrorCode};
use shared_protocol::socketio::{Args, Event, Frame};

use super::disconnect_reason::DisconnectReason;
use crate::hub::{EndReason, Mailbox, SocketKey};

/// Serves namespaces.
pub trait Handler: Send + Sync + 'static {
    /// One joined socket.
    type Socket: Joined;

    /// Decides about a CONNECT. What it registers before it returns `Ok` is undone by the socket's `close`; when it is
    /// dropped half way, or returns an error, nothing may be left behind.
    fn connect(self: Arc<Self>, request: ConnectRequest) -> BoxFuture<'static, Result<Welcome<Self::Socket>, Refusal>>;
}

/// A client's wish to join a namespace.
#[derive(Debug)]
pub struct ConnectRequest {
    /// The socket's name on this instance, should it join.
    pub key: SocketKey,
    /// The namespace as it was sent.
    pub namespace: ByteString,
    /// The raw JSON object of the CONNECT packet.
    pub auth: Option<ByteString>,
    /// Who is at the other end of the connection.
    pub peer: Arc<Peer>,
    /// The way to the connection.
    pub mailbox: Mailbox,
}

/// The other end of a connection, as the handshake showed it.
#[derive(Debug)]
pub struct Peer {
    /// Names the connection in logs; not its secret sid.
    pub connection_id: String,
    /// The session cookie's value, decoded once.
    pub cookie: Option<String>,
}

/// A CONNECT that was accepted.
#[derive(Debug)]
pub struct Welcome<S> {
    /// The joined socket.
    pub socket: S,
    /// Its public id, for the CONNECT reply.
    pub id: String,
    /// What is written right after the reply.
    pub greeting: Vec<Frame>,
}

/// A CONNECT that was refused.
#[derive(Debug)]
pub struct Refusal {
    /// For people.
    pub message: Cow<'static, str>,
    /// For programs; left out when the reference server would leave it out.
    pub data: Option<RefusalData>,
}

/// `data` of a CONNECT_ERROR.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct RefusalData {
    /// What went wrong.
    pub code: ErrorCode,
}

impl From<AckError> for Refusal {
    fn from(error: AckError) -> Self {
        Self {
            message: error.message.into(),
            data: Some(RefusalData { code: error.code }),
        }
    }
}

/// One joined socket: a state machine that is told what happens and returns what is to be written.
pub trait Joined: Send + 'static {
    /// Whether this event may start while earlier ones that said the same are still being committed.
    fn overlaps(&self, event: &Event) -> bool;

    /// The client sent an event. The future decides everything up to the point from which order is safe.
    fn on_client_event(&mut self, event: Event, ack: Ack) -> BoxFuture<'static, Stage>;

    /// The client acknowledged an event of the server's; tells whether anybody waited for it.
    fn on_ack(&mut self, id: u64, args: &Args) -> bool;

    /// What is written before the DISCONNECT when somebody else ends this socket.
    fn farewell(&self, reason: EndReason) -> Vec<Frame>;

    /// The socket is over, whatever ended it. Called exactly once.
    fn close(self, reason: DisconnectReason);
}

/// How far an event has come.
pub enum Stage {
    /// Done: these frames answer it.
    Done(Vec<Frame>),
    /// Its place in the order is fixed; the answer comes with the commit, and others that overlap may start meanwhile.
    Committing(BoxFuture<'static, Vec<Frame>>),
    /// The client must go, at once.
    Cut(DisconnectReason),
}

/// Names one event of one connection in logs: `<connection.id>-<n>`, counted from 1.
#[derive(Clone, Debug)]
pub struct RequestId {
    peer: Arc<Peer>,
    number: u64,
}

impl RequestId {
    pub(super) fn new(peer: Arc<Peer>, number: u64) -> Self {
        Self { peer, number }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.peer.connection_id, self.number)
    }
}

/// The right to answer one event, at most once.
#[derive(Debug)]
pub struct Ack {
    namespace: ByteString,
    id: Option<u64>,
    request: RequestId,
}

impl Ack {
    pub(super) fn new(namespace: ByteString, id: Option<u64>, request: RequestId) -> Self {
        Self { namespace, id, request }
    }

    /// A second one, for the case that the first is lost.
    pub(super) fn spare(&self) -> Self {
        Self {
            namespace: self.namespace.clone(),
            id: self.id,
            request: self.request.clone(),
        }
    }

    /// The event's name in logs.
    pub fn request(&self) -> &RequestId {
        &self.request
    }

    /// Whether anybody waits for the answer.
    pub fn is_wanted(&self) -> bool {
        self.id.is_some()
    }

    /// The namespace of the event.
    pub fn namespace(&self) -> &ByteString {
        &self.namespace
    }

    /// Answers with one argument.
    pub fn reply(self, argument: &impl Serialize) -> Vec<Frame> {
        let Some(id) = self.id else { return Vec::new() };
        match Frame::ack(&self.namespace, id, argument) {
            Ok(frame) => vec![frame],
            Err(error) => {
                tracing::error!(%error, "an ack could not be serialised");
                Vec::new()
            }
        }
    }

    /// Answers with the arguments of a JSON array as they are, attachments included.
    pub fn reply_raw(self, array: &str, attachments: Vec<bytes::Bytes>) -> Vec<Frame> {
        let Some(id) = self.id else { return Vec::new() };
        Frame::ack_raw(&self.namespace, id, array, attachments)
            .into_iter()
            .collect()
    }
}
