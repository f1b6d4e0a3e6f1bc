//! What a connection is, whatever carries it: the layer above, the mailbox, the beat, and what waits to be written.
//!
//! It is `Send`, so that an upgrade can hand it from the task that polls to the one that has the WebSocket.

use std::sync::Arc;
use std::time::Duration;

use bytestring::ByteString;
use shared_protocol::engineio::Packet;
use shared_protocol::socketio::Frame;
use tokio::time::Instant;

use super::gate::Ticket;
use super::heartbeat::{Beat, Heartbeat};
use super::metrics::{Carried, Transport, TransportMetrics};
use super::registry::Registration;
use crate::hub::{Deliveries, Inbox, MailboxLimits};
use crate::socket::{DisconnectReason, Output, UpperLayer};

/// Something to be written.
#[derive(Debug)]
pub(super) enum Outgoing {
    /// A message of the layer above; text and attachments stay together.
    Frame(Frame),
    /// A packet of the connection itself.
    Packet(Packet),
}

/// See the module.
pub(super) struct Core<U: UpperLayer> {
    pub upper: U,
    pub inbox: Inbox,
    /// Names the connection in logs.
    pub connection_id: String,
    /// Its place among the instance's connections.
    pub ticket: Ticket,
    /// Counts it as one of its transport's.
    pub carried: Carried,
    pub metrics: Arc<TransportMetrics>,
    /// Keeps the connection findable by its sid.
    pub registration: Registration,
    /// In the order in which it has to be written.
    pub outgoing: Vec<Outgoing>,
    pub heartbeat: Heartbeat,
    /// Time for what is owed.
    pub connect_timeout: Duration,
    /// Since when the client owes something: a namespace to join, or the attachments of a message that it began (CVE-2026-33151).
    pub owing_since: Option<Instant>,
    /// When it has lived long enough; see `REALTIME_MAX_CONNECTION_AGE_SECS`.
    pub too_old_at: Option<Instant>,
    pub waiting: Waiting,
}

/// How much of `outgoing` are pushes, which are bounded. Answers to the client's own requests are bounded by these.
#[derive(Debug)]
pub(super) struct Waiting {
    frames: usize,
    bytes: usize,
    limits: MailboxLimits,
}

impl Waiting {
    /// Nothing yet.
    pub(super) fn new(limits: MailboxLimits) -> Self {
        Self {
            frames: 0,
            bytes: 0,
            limits,
        }
    }
}

impl<U: UpperLayer> Core<U> {
    /// A packet came from the client.
    pub(super) fn on_packet(&mut self, packet: Packet) -> Result<(), DisconnectReason> {
        let now = Instant::now();
        match packet {
            Packet::Pong(_) => self.heartbeat.on_pong(now),
            _ => self.heartbeat.on_other_packet(now),
        }
        match packet {
            Packet::Message(text) => self.upper.on_text(text),
            Packet::Binary(bytes) => self.upper.on_binary(bytes),
            Packet::Close => Err(DisconnectReason::TransportClosed),
            Packet::Ping(_) => Err(DisconnectReason::ProtocolError("ping_from_client")),
            Packet::Pong(_) | Packet::Open(_) | Packet::Upgrade | Packet::Noop => Ok(()),
        }
    }

    /// Something was in the mailbox.
    pub(super) fn on_deliveries(&mut self, deliveries: Deliveries) -> Result<(), DisconnectReason> {
        self.metrics.delivered(deliveries.first_came_at.elapsed());
        for delivery in deliveries {
            let mut output = Output::default();
            self.upper.on_delivery(delivery, &mut output);
            self.waiting.frames += output.frames.len();
            self.waiting.bytes += output.frames.iter().map(Frame::len_bytes).sum::<usize>();
            self.on_output(output)?;
        }
        // On a WebSocket what is taken is written at once; a client that polls may not come to fetch it.
        let Waiting { frames, bytes, limits } = &self.waiting;
        if *frames > limits.frames || *bytes > limits.bytes {
            return Err(DisconnectReason::SlowConsumer);
        }
        Ok(())
    }

    /// The layer above has something to write.
    pub(super) fn on_output(&mut self, output: Output) -> Result<(), DisconnectReason> {
        self.outgoing.extend(output.frames.into_iter().map(Outgoing::Frame));
        output.end.map_or(Ok(()), Err)
    }

    /// A WebSocket has taken it over.
    pub(super) fn on_upgraded(&mut self) {
        self.carried = self.metrics.carry(Transport::WebSocket);
        self.registration.mark_websocket();
    }

    /// Takes what has to be written.
    pub(super) fn take_outgoing(&mut self) -> Vec<Outgoing> {
        self.waiting.frames = 0;
        self.waiting.bytes = 0;
        std::mem::take(&mut self.outgoing)
    }

    /// When [`Self::on_deadline`] has to be called.
    pub(super) fn deadline(&mut self) -> Instant {
        match (self.owes(), self.owing_since) {
            (false, Some(_)) => self.owing_since = None,
            // Counted anew after the last namespace was left.
            (true, None) => self.owing_since = Some(Instant::now()),
            (false, None) | (true, Some(_)) => {}
        }
        let others = [self.due_by(), self.too_old_at];
        others
            .into_iter()
            .flatten()
            .fold(self.heartbeat.deadline(), Instant::min)
    }

    /// A deadline has passed.
    pub(super) fn on_deadline(&mut self, now: Instant) -> Result<(), DisconnectReason> {
        if self.owes() && self.due_by().is_some_and(|due_by| due_by <= now) {
            return Err(DisconnectReason::ConnectTimeout);
        }
        if self.too_old_at.is_some_and(|at| at <= now) {
            return Err(DisconnectReason::TooOld);
        }
        match self.heartbeat.on_deadline(now) {
            Beat::Wait => Ok(()),
            Beat::Ping => {
                self.outgoing.push(Outgoing::Packet(Packet::Ping(ByteString::new())));
                Ok(())
            }
            Beat::TimedOut => Err(DisconnectReason::PingTimeout),
        }
    }

    fn owes(&self) -> bool {
        !self.upper.is_joined() || self.upper.is_half_received()
    }

    fn due_by(&self) -> Option<Instant> {
        self.owing_since.map(|since| since + self.connect_timeout)
    }
}
