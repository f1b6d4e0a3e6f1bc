//! Events that Node pushes to rooms: MessagePack `[uid, packet, opts]` (spec §3.1).

use rmpv::Value;

use super::{
    AdapterError, Channels, EventJson, Opts,
    value::{field, from_msgpack, text, text_field},
};
use crate::socketio::{Frame, ROOT_NAMESPACE};

/// An event for sockets of this gateway.
///
/// It is turned into JSON only on demand: most instances hold no socket for most broadcasts.
#[derive(Debug, Clone, PartialEq)]
pub struct Broadcast {
    /// Who sent it: an adapter's uid, or `emitter`.
    pub uid: String,
    /// The namespace, with its slash.
    pub namespace: String,
    /// For whom, and how.
    pub opts: Opts,
    /// The event's name and arguments.
    pub data: Vec<Value>,
}

/// Reads a message of a broadcast channel.
///
/// The channel must be one of `channels`, and the packet of the same namespace: names are ambiguous, since a room and a
/// namespace may contain `#`.
pub fn decode(channels: &Channels, channel: &str, payload: &[u8]) -> Result<Broadcast, AdapterError> {
    if channels.target(channel).is_none() {
        return Err(AdapterError::OtherNamespace);
    }
    let Value::Array(envelope) = from_msgpack(payload)? else {
        return Err(AdapterError::BadField("envelope"));
    };
    let Ok([uid, packet, opts]) = <[Value; 3]>::try_from(envelope) else {
        return Err(AdapterError::BadField("envelope"));
    };
    let uid = text(&uid).ok_or(AdapterError::BadField("uid"))?;
    Broadcast::read(channels, uid, packet, Some(&opts))
}

impl Broadcast {
    /// Puts together what came in whatever envelope.
    pub(super) fn read(
        channels: &Channels,
        uid: String,
        packet: Value,
        opts: Option<&Value>,
    ) -> Result<Self, AdapterError> {
        let namespace = text_field(&packet, "nsp").unwrap_or_else(|| ROOT_NAMESPACE.to_owned());
        if namespace != channels.namespace() {
            return Err(AdapterError::OtherNamespace);
        }
        // 5 is what old emitters write for an event with binary; its data is the same.
        if !matches!(field(&packet, "type").and_then(Value::as_u64), Some(2 | 5)) {
            return Err(AdapterError::NotAnEvent);
        }
        let opts = Opts::read(opts)?;
        let Value::Map(fields) = packet else {
            return Err(AdapterError::BadField("packet"));
        };
        let data = fields.into_iter().find(|(key, _)| key.as_str() == Some("data"));
        let Some((_, Value::Array(data))) = data else {
            return Err(AdapterError::BadField("data"));
        };
        Ok(Self {
            uid,
            namespace,
            opts,
            data,
        })
    }

    /// The event as JSON and attachments.
    pub fn event_json(&self) -> Result<EventJson, AdapterError> {
        EventJson::write(&self.data)
    }

    /// The frame for all sockets.
    pub fn frame(&self) -> Result<Frame, AdapterError> {
        self.event_json()?.frame(&self.namespace)
    }
}
