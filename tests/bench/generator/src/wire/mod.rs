//! What servers and clients say to each other: Socket.IO, or the bare JSON of the servers that show the floor.

mod news;
mod raw;
mod socket_io;

use bytestring::ByteString;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

pub(crate) use news::PresenceNews;

use crate::ledger::MessageNumber;
use crate::users::User;

/// What a kind of server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Wire {
    /// Engine.IO and Socket.IO, namespace `/tenant`.
    SocketIo,
    /// One JSON object a frame.
    Raw,
}

/// One frame from a server, as far as the load is concerned.
#[derive(Debug)]
pub(crate) enum Received {
    /// The server is ready to hear who wants to join: by these words.
    Opened { join: ByteString },
    /// The join is complete.
    Joined,
    /// Wants this answer, or the link ends.
    Heartbeat { answer: ByteString },
    /// An answer to a message: `refusal` holds what it says when it is a no.
    Answer { number: u64, refusal: Option<String> },
    /// A message for this user.
    Message(MessageNumber),
    /// Who is there.
    Presence(PresenceNews),
    /// The join was refused, or the server has ended it.
    Ended(String),
    /// Anything else.
    Other,
}

/// Why a frame could not be understood.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WireError {
    #[error("no Engine.IO packet: {0}")]
    EngineIo(#[from] shared_protocol::engineio::PacketError),
    #[error("no Socket.IO packet: {0}")]
    SocketIo(#[from] shared_protocol::socketio::DecodeError),
    #[error("cannot be written: {0}")]
    Unwritable(#[from] shared_protocol::socketio::EncodeError),
    #[error("unexpected JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// `message:send`, as it is sent.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChatMessage<'a> {
    pub(crate) to: &'a str,
    pub(crate) body: &'a str,
    pub(crate) client_message_id: &'a str,
}

/// `message:new`, as far as it is looked at.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MessageNew {
    client_message_id: MessageNumber,
}

/// The answer to a message.
#[derive(Debug, Deserialize)]
struct Reply {
    ok: bool,
}

/// One link's end of the conversation.
#[derive(Debug)]
pub(crate) enum Dialect {
    SocketIo(socket_io::SocketIo),
    Raw,
}

impl Wire {
    pub(crate) fn dialect(self) -> Dialect {
        match self {
            Self::SocketIo => Dialect::SocketIo(socket_io::SocketIo::new()),
            Self::Raw => Dialect::Raw,
        }
    }

    /// Path and query of the WebSocket.
    pub(crate) fn request_target(self, user: &User) -> String {
        match self {
            Self::SocketIo => socket_io::REQUEST_TARGET.to_owned(),
            Self::Raw => raw::request_target(user),
        }
    }
}

impl Dialect {
    pub(crate) fn read(&mut self, text: ByteString) -> Result<Received, WireError> {
        match self {
            Self::SocketIo(link) => link.read(text),
            Self::Raw => raw::read(&text),
        }
    }

    pub(crate) fn message(&self, number: u64, message: &ChatMessage<'_>) -> Result<ByteString, WireError> {
        match self {
            Self::SocketIo(_) => socket_io::message(number, message),
            Self::Raw => raw::message(number, message),
        }
    }
}
