//! Packets on their way to clients, encoded once for any number of links.

use bytes::Bytes;
use bytestring::ByteString;
use serde::Serialize;

use super::{Attachments, EncodeError, MAX_ATTACHMENTS, ROOT_NAMESPACE, is_reserved, push_string};

/// One Socket.IO packet as Engine.IO sends it: the text starts with the `4` of a message, and the attachments follow as
/// binary messages. Nothing may come between the two.
///
/// Cheap to clone; every WebSocket and every polling body takes it as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    text: ByteString,
    attachments: Attachments,
}

impl Frame {
    /// EVENT with one argument: `42/tenant,["message:new",{…}]`.
    pub fn event<T: Serialize + ?Sized>(namespace: &str, name: &str, arg: &T) -> Result<Self, EncodeError> {
        Self::write_event(namespace, None, name, arg)
    }

    /// EVENT with one argument that asks for an ack: `42/tenant,13["name",{…}]`.
    pub fn event_with_id<T: Serialize + ?Sized>(
        namespace: &str,
        id: u64,
        name: &str,
        arg: &T,
    ) -> Result<Self, EncodeError> {
        Self::write_event(namespace, Some(id), name, arg)
    }

    /// EVENT of a JSON array, its name first, that is text already. With attachments it becomes BINARY_EVENT; the
    /// array then holds their placeholders.
    ///
    /// The array is written as it is: that it is valid, and its name not reserved, is up to the caller.
    pub fn event_raw(namespace: &str, array: &str, attachments: impl Into<Attachments>) -> Result<Self, EncodeError> {
        Self::raw(['2', '5'], namespace, None, array, attachments.into())
    }

    /// [`event_raw`](Self::event_raw) that asks for an ack.
    pub fn event_raw_with_id(
        namespace: &str,
        id: u64,
        array: &str,
        attachments: impl Into<Attachments>,
    ) -> Result<Self, EncodeError> {
        Self::raw(['2', '5'], namespace, Some(id), array, attachments.into())
    }

    /// ACK with one argument: `43/tenant,13[{…}]`.
    pub fn ack<T: Serialize + ?Sized>(namespace: &str, id: u64, arg: &T) -> Result<Self, EncodeError> {
        let mut text = head('3', namespace, Some(id));
        text.push('[');
        finish(text, arg, "]")
    }

    /// ACK of a JSON array that is text already; see [`event_raw`](Self::event_raw).
    pub fn ack_raw(
        namespace: &str,
        id: u64,
        array: &str,
        attachments: impl Into<Attachments>,
    ) -> Result<Self, EncodeError> {
        Self::raw(['3', '6'], namespace, Some(id), array, attachments.into())
    }

    /// CONNECT, the answer: `40/tenant,{"sid":"…"}`. Only the public id: a stock client takes anything else for
    /// connection state recovery (spec §2.2).
    pub fn connected(namespace: &str, public_sid: &str) -> Self {
        let mut text = head('0', namespace, None);
        text.push_str("{\"sid\":");
        push_string(&mut text, public_sid);
        text.push('}');
        Self::without_attachments(text)
    }

    /// CONNECT_ERROR: `44/tenant,{"message":"…","data":{…}}`. A stock client will not try again by itself.
    pub fn connect_error<T: Serialize + ?Sized>(
        namespace: &str,
        message: &str,
        data: Option<&T>,
    ) -> Result<Self, EncodeError> {
        let mut text = head('4', namespace, None);
        text.push_str("{\"message\":");
        push_string(&mut text, message);
        if let Some(data) = data {
            text.push_str(",\"data\":");
            return finish(text, data, "}");
        }
        text.push('}');
        Ok(Self::without_attachments(text))
    }

    /// DISCONNECT: `41/tenant,`. A stock client will not come back by itself.
    pub fn disconnect(namespace: &str) -> Self {
        Self::without_attachments(head('1', namespace, None))
    }

    /// A frame that was encoded elsewhere.
    pub fn from_parts(text: ByteString, attachments: impl Into<Attachments>) -> Result<Self, EncodeError> {
        let attachments = attachments.into();
        if !text.starts_with('4') {
            return Err(EncodeError::NotAMessage);
        }
        if attachments.len() > MAX_ATTACHMENTS {
            return Err(EncodeError::TooManyAttachments);
        }
        Ok(Self { text, attachments })
    }

    /// A binary Engine.IO message by itself, without a Socket.IO packet: its text is empty.
    pub fn bare_binary(bytes: Bytes) -> Self {
        Self {
            text: ByteString::new(),
            attachments: vec![bytes].into(),
        }
    }

    /// The text message, type digit first.
    pub fn text(&self) -> &ByteString {
        &self.text
    }

    /// The binary messages that follow the text.
    pub fn attachments(&self) -> &[Bytes] {
        &self.attachments
    }

    /// The size of all parts, as WebSocket frames carry them.
    pub fn len_bytes(&self) -> usize {
        self.text.len() + self.attachments.len_bytes()
    }

    fn write_event<T: Serialize + ?Sized>(
        namespace: &str,
        id: Option<u64>,
        name: &str,
        arg: &T,
    ) -> Result<Self, EncodeError> {
        if is_reserved(name) {
            return Err(EncodeError::ReservedEventName);
        }
        let mut text = head('2', namespace, id);
        text.push('[');
        push_string(&mut text, name);
        text.push(',');
        finish(text, arg, "]")
    }

    /// `types`: the digits without and with attachments.
    fn raw(
        types: [char; 2],
        namespace: &str,
        id: Option<u64>,
        array: &str,
        attachments: Attachments,
    ) -> Result<Self, EncodeError> {
        if attachments.len() > MAX_ATTACHMENTS {
            return Err(EncodeError::TooManyAttachments);
        }
        let mut text = String::with_capacity(namespace.len() + array.len() + 32);
        text.push('4');
        if attachments.is_empty() {
            text.push(types[0]);
        } else {
            text.push(types[1]);
            push_number(&mut text, attachments.len() as u64);
            text.push('-');
        }
        push_address(&mut text, namespace, id);
        text.push_str(array);
        Ok(Self {
            text: text.into(),
            attachments,
        })
    }

    fn without_attachments(mut text: String) -> Self {
        text.shrink_to_fit();
        Self {
            text: text.into(),
            attachments: Attachments::NONE,
        }
    }
}

fn head(kind: char, namespace: &str, id: Option<u64>) -> String {
    // Most events of this gateway fit, so that the buffer does not grow step by step.
    let mut text = String::with_capacity(512);
    text.push('4');
    text.push(kind);
    push_address(&mut text, namespace, id);
    text
}

fn push_address(text: &mut String, namespace: &str, id: Option<u64>) {
    if namespace != ROOT_NAMESPACE {
        text.push_str(namespace);
        text.push(',');
    }
    if let Some(id) = id {
        push_number(text, id);
    }
}

fn push_number(text: &mut String, number: u64) {
    text.push_str(itoa::Buffer::new().format(number));
}

/// Serialises the value straight behind what is there.
fn finish<T: Serialize + ?Sized>(text: String, value: &T, end: &str) -> Result<Frame, EncodeError> {
    let mut bytes = text.into_bytes();
    serde_json::to_writer(&mut bytes, value)?;
    bytes.extend_from_slice(end.as_bytes());
    // Every frame may wait in many mailboxes: do not let each keep the room that was reserved.
    bytes.shrink_to_fit();
    let text = ByteString::try_from(bytes).map_err(|error| EncodeError::Json(serde::ser::Error::custom(error)))?;
    Ok(Frame {
        text,
        attachments: Attachments::NONE,
    })
}
