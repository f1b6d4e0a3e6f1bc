//! The loop that owns a connection. Nobody else writes to it, and it has one door out.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use shared_protocol::engineio::{Packet, PacketError};
use tokio::time::Instant;

use super::heartbeat::{Beat, Heartbeat};
use super::websocket::{WebSocket, WebSocketError};
use crate::hub::Inbox;
use crate::socket::{DisconnectReason, Output, UpperLayer};

/// One connection and what it needs to live.
pub(super) struct Connection<U: UpperLayer> {
    pub websocket: WebSocket,
    pub upper: U,
    pub inbox: Inbox,
    pub heartbeat: Heartbeat,
    /// Time to join a namespace, counted anew after the last one was left.
    pub connect_timeout: Duration,
}

impl<U: UpperLayer> Connection<U> {
    /// Runs the connection to its end, whatever that is; a panic in a handler ends this connection and no other.
    pub(super) async fn run(mut self) -> DisconnectReason {
        let outcome = AssertUnwindSafe(self.turn()).catch_unwind().await;
        let (reason, too_large) = match outcome {
            Ok(Ended { reason, too_large }) => (reason, too_large),
            Err(_panic) => (DisconnectReason::Panicked, false),
        };
        // Leaving rooms, presence and counts comes first: peers must not wait for a slow farewell.
        self.upper.close(reason);
        self.websocket.close(too_large).await;
        reason
    }

    /// Five inputs: a packet from the client, the mailbox, a handler that has finished, the beat, and the deadline to join.
    /// Shutdown comes through the mailbox, so that it has its place behind what already waits.
    async fn turn(&mut self) -> Ended {
        let mut unjoined_since = Some(Instant::now());
        let timer = tokio::time::sleep_until(self.heartbeat.deadline());
        tokio::pin!(timer);
        loop {
            match (self.upper.is_joined(), unjoined_since) {
                (true, Some(_)) => unjoined_since = None,
                (false, None) => unjoined_since = Some(Instant::now()),
                (true, None) | (false, Some(_)) => {}
            }
            let join_by = unjoined_since.map(|since| since + self.connect_timeout);
            let next = join_by.map_or(self.heartbeat.deadline(), |join_by| {
                join_by.min(self.heartbeat.deadline())
            });
            if timer.deadline() != next {
                timer.as_mut().reset(next);
            }

            let mut output = Output::default();
            tokio::select! {
                received = self.websocket.receive(), if self.upper.wants_input() => match received {
                    Ok(packet) => {
                        if let Err(reason) = self.on_packet(packet) {
                            return reason.into();
                        }
                    }
                    Err(error) => return error.into(),
                },
                deliveries = self.inbox.take(), if self.upper.wants_deliveries() => {
                    for delivery in deliveries {
                        self.upper.on_delivery(delivery, &mut output);
                        if output.end.is_some() {
                            break;
                        }
                    }
                }
                finished = self.upper.advance() => output = finished,
                () = &mut timer => {
                    let now = Instant::now();
                    if join_by.is_some_and(|join_by| join_by <= now) {
                        return DisconnectReason::ConnectTimeout.into();
                    }
                    match self.heartbeat.on_deadline(now) {
                        Beat::Wait => {}
                        Beat::Ping => {
                            let ping = Packet::Ping(bytestring::ByteString::new());
                            if let Err(error) = self.websocket.send(&ping).await {
                                return error.into();
                            }
                        }
                        Beat::TimedOut => return DisconnectReason::PingTimeout.into(),
                    }
                }
            }
            for frame in &output.frames {
                if let Err(error) = self.websocket.send_frame(frame).await {
                    return error.into();
                }
            }
            if let Some(reason) = output.end {
                return reason.into();
            }
        }
    }

    fn on_packet(&mut self, packet: Packet) -> Result<(), DisconnectReason> {
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
}

struct Ended {
    reason: DisconnectReason,
    too_large: bool,
}

impl From<DisconnectReason> for Ended {
    fn from(reason: DisconnectReason) -> Self {
        Self {
            reason,
            too_large: false,
        }
    }
}

impl From<WebSocketError> for Ended {
    fn from(error: WebSocketError) -> Self {
        let reason = match error {
            WebSocketError::Closed => DisconnectReason::TransportClosed,
            WebSocketError::TooLarge => DisconnectReason::ProtocolError("too_large"),
            WebSocketError::Protocol => DisconnectReason::ProtocolError("websocket"),
            WebSocketError::Packet(PacketError::Empty) => DisconnectReason::ProtocolError("empty_packet"),
            WebSocketError::Packet(_) => DisconnectReason::ProtocolError("bad_packet"),
            WebSocketError::NotRead => DisconnectReason::SlowConsumer,
        };
        Self {
            reason,
            too_large: matches!(error, WebSocketError::TooLarge),
        }
    }
}
