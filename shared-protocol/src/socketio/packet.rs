//! The packets of the protocol.

use bytestring::ByteString;

use super::{Args, Event};

/// A complete Socket.IO packet as the peer sent it (spec §2.1): all attachments are there, the JSON is well-formed.
///
/// BINARY_EVENT and BINARY_ACK are events and acks with attachments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packet {
    /// `0`: asks to join a namespace; from a server: joined.
    Connect {
        /// The namespace, with its slash.
        namespace: ByteString,
        /// The raw JSON object, if one was sent.
        auth: Option<ByteString>,
    },
    /// `1`: leaves a namespace; from a server: expelled.
    Disconnect {
        /// The namespace, with its slash.
        namespace: ByteString,
    },
    /// `2`, `5`: an event.
    Event {
        /// The namespace, with its slash.
        namespace: ByteString,
        /// The number under which the sender wants it acknowledged.
        id: Option<u64>,
        /// What happened.
        event: Event,
    },
    /// `3`, `6`: the answer to an event.
    Ack {
        /// The namespace, with its slash.
        namespace: ByteString,
        /// The number that the event carried.
        id: u64,
        /// The answer.
        args: Args,
    },
    /// `4`: a join was refused. Only a decoder for packets from a server hands it out.
    ConnectError {
        /// The namespace, with its slash.
        namespace: ByteString,
        /// The raw JSON object: `message`, and perhaps `data`.
        error: ByteString,
    },
}

impl Packet {
    /// The namespace that the packet is about.
    pub fn namespace(&self) -> &ByteString {
        match self {
            Self::Connect { namespace, .. }
            | Self::Disconnect { namespace }
            | Self::Event { namespace, .. }
            | Self::Ack { namespace, .. }
            | Self::ConnectError { namespace, .. } => namespace,
        }
    }
}
