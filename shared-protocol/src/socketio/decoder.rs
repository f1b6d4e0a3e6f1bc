//! Puts the messages of one link together to packets.

use bytes::Bytes;
use bytestring::ByteString;
use serde::de::IgnoredAny;

use super::{
    Args, Attachments, DecodeError, Event, MAX_ATTACHMENTS, MAX_DEPTH, Packet,
    header::{Header, Kind},
    json, placeholder,
};

/// What a peer may make its receiver keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Attachments of one packet; at most [`MAX_ATTACHMENTS`] makes sense.
    pub max_attachments: usize,
    /// The sum of their sizes, in bytes.
    pub max_attachment_bytes: usize,
}

/// The receiving end of one link.
///
/// Text and binary messages go in, in their order, packets come out. After an error the link has to be closed; what was
/// kept is dropped. How long a peer may leave a packet unfinished is for the caller to say, see
/// [`is_waiting`](Self::is_waiting).
#[derive(Debug)]
pub struct Decoder {
    limits: Limits,
    from_server: bool,
    unfinished: Option<Unfinished>,
}

/// A packet whose attachments have not all come.
#[derive(Debug)]
struct Unfinished {
    packet: Option<Packet>,
    due: usize,
    attachments: Vec<Bytes>,
    bytes: usize,
}

impl Decoder {
    /// A decoder for what a client sends.
    pub const fn new(limits: Limits) -> Self {
        Self {
            limits,
            from_server: false,
            unfinished: None,
        }
    }

    /// A decoder for what a server sends: takes CONNECT_ERROR too. For test clients and load generators.
    pub const fn from_server(limits: Limits) -> Self {
        Self {
            limits,
            from_server: true,
            unfinished: None,
        }
    }

    /// Whether attachments are due.
    pub const fn is_waiting(&self) -> bool {
        self.unfinished.is_some()
    }

    /// Takes an Engine.IO text message, without its `4`.
    ///
    /// `None`: attachments are due first, or it was an ack without an id, which answers nothing and is passed over as
    /// the reference does.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the packet keeps views of the text; the message is done with"
    )]
    pub fn text(&mut self, text: ByteString) -> Result<Option<Packet>, DecodeError> {
        // Forget the packet in either case: its attachments will not come any more.
        if self.unfinished.take().is_some() {
            return Err(DecodeError::UnexpectedText);
        }
        let max_attachments = self.limits.max_attachments.min(MAX_ATTACHMENTS);
        let header = Header::parse(&text, max_attachments)?;
        if header.kind == Kind::ConnectError && !self.from_server {
            return Err(DecodeError::WrongDirection);
        }
        let due = header.attachments;
        let packet = read(&text, &header)?;
        if due == 0 {
            return Ok(packet);
        }
        self.unfinished = Some(Unfinished {
            packet,
            due,
            attachments: Vec::new(),
            bytes: 0,
        });
        Ok(None)
    }

    /// Takes an Engine.IO binary message. `None`: more are due.
    pub fn binary(&mut self, bytes: Bytes) -> Result<Option<Packet>, DecodeError> {
        let mut unfinished = self.unfinished.take().ok_or(DecodeError::UnexpectedBinary)?;
        unfinished.bytes = unfinished.bytes.saturating_add(bytes.len());
        if unfinished.bytes > self.limits.max_attachment_bytes {
            return Err(DecodeError::AttachmentsTooLarge);
        }
        unfinished.attachments.push(bytes);
        if unfinished.attachments.len() < unfinished.due {
            self.unfinished = Some(unfinished);
            return Ok(None);
        }
        Ok(unfinished
            .packet
            .map(|packet| attach(packet, unfinished.attachments.into())))
    }
}

fn read(text: &ByteString, header: &Header<'_>) -> Result<Option<Packet>, DecodeError> {
    let namespace = if header.namespace == super::ROOT_NAMESPACE {
        ByteString::from_static("/")
    } else {
        text.slice_ref(header.namespace)
    };
    let payload = repair(text, header.payload)?;
    if header.attachments > 0 {
        placeholder::check(&payload, header.attachments)?;
    }
    let packet = match header.kind {
        Kind::Connect if payload.is_empty() => Packet::Connect { namespace, auth: None },
        Kind::Connect => Packet::Connect {
            namespace,
            auth: Some(object(payload)?),
        },
        Kind::Disconnect if payload.is_empty() => Packet::Disconnect { namespace },
        Kind::Disconnect => return Err(DecodeError::BadPayload),
        Kind::Event => Packet::Event {
            namespace,
            id: header.id,
            event: Event::parse(Args::unchecked(payload))?,
        },
        Kind::Ack => {
            let args = Args::parse(payload)?;
            let Some(id) = header.id else { return Ok(None) };
            Packet::Ack { namespace, id, args }
        }
        Kind::ConnectError => Packet::ConnectError {
            namespace,
            error: object(payload)?,
        },
    };
    Ok(Some(packet))
}

/// The payload as it can be decoded: a view of the text, or a copy if halves of characters had to be replaced.
fn repair(text: &ByteString, payload: &str) -> Result<ByteString, DecodeError> {
    let survey = json::survey(payload);
    if survey.depth > MAX_DEPTH {
        return Err(DecodeError::TooDeep);
    }
    if survey.lone_surrogate {
        return Ok(json::replace_lone_surrogates(payload).into());
    }
    Ok(text.slice_ref(payload))
}

fn object(json: ByteString) -> Result<ByteString, DecodeError> {
    if !json.starts_with('{') || serde_json::from_str::<IgnoredAny>(&json).is_err() {
        return Err(DecodeError::BadPayload);
    }
    Ok(json)
}

fn attach(packet: Packet, attachments: Attachments) -> Packet {
    match packet {
        Packet::Event { namespace, id, event } => Packet::Event {
            namespace,
            id,
            event: event.with_attachments(attachments),
        },
        Packet::Ack { namespace, id, args } => Packet::Ack {
            namespace,
            id,
            args: args.with_attachments(attachments),
        },
        other => other,
    }
}
