//! Why a socket or a connection ended.

use shared_protocol::events::SessionEndReason;

use crate::hub::EndReason;

/// The one reason that goes into the log line and the count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisconnectReason {
    /// The client sent DISCONNECT for its namespace.
    ClientLeft,
    /// The client closed the transport, or it broke.
    TransportClosed,
    /// The client did not answer a ping in time.
    PingTimeout,
    /// The client sent something that the protocol does not allow.
    ProtocolError(&'static str),
    /// No namespace was joined in time, or a message that was begun was not finished.
    ConnectTimeout,
    /// The login session is over.
    SessionEnded(SessionEndReason),
    /// The API asked for it.
    Kicked,
    /// The user is far over the rate budget.
    Flooding,
    /// The instance is going away.
    Draining,
    /// It has lived long enough.
    TooOld,
    /// It did not read what was sent to it.
    SlowConsumer,
    /// A bug of ours.
    Panicked,
}

impl DisconnectReason {
    /// Whether the client should hear of it: it did nothing wrong, and may be there.
    pub const fn is_told_to_client(self) -> bool {
        matches!(
            self,
            Self::SessionEnded(_) | Self::Kicked | Self::Draining | Self::TooOld | Self::Panicked
        )
    }

    /// Whether what the client said before is still done: not for one who must not be served any more.
    pub const fn leaves_work_to_finish(self) -> bool {
        !matches!(
            self,
            Self::SessionEnded(_) | Self::Kicked | Self::Flooding | Self::Panicked
        )
    }

    /// What the reason alone does not say, for logs.
    pub const fn detail(self) -> Option<&'static str> {
        match self {
            Self::ProtocolError(fault) => Some(fault),
            Self::SessionEnded(reason) => Some(reason.as_str()),
            _ => None,
        }
    }

    /// For logs and metric labels.
    pub const fn label(self) -> &'static str {
        match self {
            Self::ClientLeft => "client_left",
            Self::TransportClosed => "transport_closed",
            Self::PingTimeout => "ping_timeout",
            Self::ProtocolError(_) => "protocol_error",
            Self::ConnectTimeout => "connect_timeout",
            Self::SessionEnded(_) => "session_ended",
            Self::Kicked => "kicked",
            Self::Flooding => "flooding",
            Self::Draining => "draining",
            Self::TooOld => "too_old",
            Self::SlowConsumer => "slow_consumer",
            Self::Panicked => "panicked",
        }
    }
}

impl From<EndReason> for DisconnectReason {
    fn from(reason: EndReason) -> Self {
        match reason {
            EndReason::SessionEnded(reason) => Self::SessionEnded(reason),
            EndReason::Kicked { .. } => Self::Kicked,
            EndReason::Draining => Self::Draining,
            EndReason::SlowConsumer => Self::SlowConsumer,
        }
    }
}
