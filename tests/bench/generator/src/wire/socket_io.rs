//! Socket.IO over Engine.IO, by the codecs of the gateway.

use bytestring::ByteString;
use shared_protocol::engineio;
use shared_protocol::events::names::{from_client::MESSAGE_SEND, to_client::MESSAGE_NEW};
use shared_protocol::socketio::{Decoder, Frame, Limits, Packet};

use super::news::{PresenceEvent, is_presence};
use super::{ChatMessage, MessageNew, Received, Reply, WireError};

pub(super) const REQUEST_TARGET: &str = "/realtime/?EIO=4&transport=websocket";
/// CONNECT, as clients write it: no server has an encoder for it.
const JOIN: &str = r#"40/tenant,{"portal":"dashboard"}"#;
const PONG: &str = "3";
const NAMESPACE: &str = "/tenant";
/// Nobody here sends attachments.
const LIMITS: Limits = Limits {
    max_attachments: 0,
    max_attachment_bytes: 0,
};

/// One link.
#[derive(Debug)]
pub(crate) struct SocketIo {
    decoder: Decoder,
}

impl SocketIo {
    pub(super) const fn new() -> Self {
        Self {
            decoder: Decoder::from_server(LIMITS),
        }
    }

    pub(super) fn read(&mut self, text: ByteString) -> Result<Received, WireError> {
        match engineio::Packet::decode_text(text)? {
            engineio::Packet::Open(_) => Ok(Received::Opened {
                join: ByteString::from_static(JOIN),
            }),
            engineio::Packet::Ping(_) => Ok(Received::Heartbeat {
                answer: ByteString::from_static(PONG),
            }),
            engineio::Packet::Close => Ok(Received::Ended("closed by the server".to_owned())),
            engineio::Packet::Message(message) => match self.decoder.text(message)? {
                Some(packet) => understand(packet),
                None => Ok(Received::Other),
            },
            _ => Ok(Received::Other),
        }
    }
}

fn understand(packet: Packet) -> Result<Received, WireError> {
    let received = match packet {
        Packet::Connect { .. } => Received::Joined,
        Packet::Disconnect { .. } => Received::Ended("sent away".to_owned()),
        Packet::ConnectError { error, .. } => Received::Ended(error.to_string()),
        Packet::Ack { id, args, .. } => {
            let is_ok = args.first::<Reply>()?.is_some_and(|reply| reply.ok);
            Received::Answer {
                number: id,
                refusal: (!is_ok).then(|| args.json().to_owned()),
            }
        }
        Packet::Event { event, .. } if event.name() == MESSAGE_NEW => match event.first::<MessageNew>()? {
            Some(message) => Received::Message(message.client_message_id),
            None => Received::Other,
        },
        Packet::Event { event, .. } if is_presence(event.name()) => match event.first::<PresenceEvent>()? {
            Some(presence) => Received::Presence(presence.news()),
            None => Received::Other,
        },
        Packet::Event { .. } => Received::Other,
    };
    Ok(received)
}

pub(super) fn message(number: u64, message: &ChatMessage<'_>) -> Result<ByteString, WireError> {
    Ok(Frame::event_with_id(NAMESPACE, number, MESSAGE_SEND, message)?
        .text()
        .clone())
}
