//! A frame on its way to a room's sockets on other instances.
//!
//! Layout of version 1, numbers big-endian:
//!
//! | bytes | meaning |
//! |---|---|
//! | 1 | version |
//! | 1 | flags: bits 0–1 scope (0 any, 1 tenant, 2 manage), bit 2 somebody is left out, bit 3 volatile; others 0 |
//! | 1 | number of attachments *n* |
//! | 4 | length of the tenant id |
//! | 4 | length of the socket id to leave out |
//! | 4 × *n* | lengths of the attachments |
//! | … | tenant id, socket id, attachments, and up to the end the frame's text |
//!
//! Lengths have 32 bits, more than Redis lets a value have, so that writing cannot fail; a reader allocates by none of
//! them. The room is not in here: the channel names it.

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use bytestring::ByteString;

use super::EnvelopeError;
use crate::socketio::{Frame, MAX_ATTACHMENTS};

const VERSION: u8 = 1;

const SCOPE_BITS: u8 = 0b0011;
const SCOPE_ANY: u8 = 0;
const SCOPE_TENANT: u8 = 1;
const SCOPE_MANAGE: u8 = 2;
const EXCEPT_BIT: u8 = 0b0100;
const VOLATILE_BIT: u8 = 0b1000;

/// A frame, and who may and may not get it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Which of the room's sockets may receive the frame.
    pub scope: Scope,
    /// The public id of the one socket to leave out, usually the sender's own.
    pub except: Option<ByteString>,
    /// Whether a socket that cannot keep up may miss the frame.
    pub volatile: bool,
    /// The frame, encoded for the wire.
    pub frame: Frame,
}

/// Which sockets of a room may receive a frame. The hub checks it against each socket's principal, so that a mistake
/// in a room's name cannot carry a frame across tenants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Every socket of the room.
    Any,
    /// Sockets of this tenant only.
    Tenant(ByteString),
    /// Sockets of manage users only.
    Manage,
}

impl Scope {
    /// Whom a conversation of that tenant concerns; without one, it is between manage users.
    pub fn of_conversation(tenant: Option<&str>) -> Self {
        tenant.map_or(Self::Manage, |tenant| Self::Tenant(tenant.into()))
    }
}

impl Envelope {
    /// An envelope that leaves nobody out and must arrive.
    pub fn new(scope: Scope, frame: Frame) -> Self {
        Self {
            scope,
            except: None,
            volatile: false,
            frame,
        }
    }

    /// The bytes to publish.
    pub fn encode(&self) -> Bytes {
        let (scope, tenant) = match &self.scope {
            Scope::Any => (SCOPE_ANY, ""),
            Scope::Tenant(tenant) => (SCOPE_TENANT, &**tenant),
            Scope::Manage => (SCOPE_MANAGE, ""),
        };
        let except = self.except.as_deref();
        let mut flags = scope;
        if except.is_some() {
            flags |= EXCEPT_BIT;
        }
        if self.volatile {
            flags |= VOLATILE_BIT;
        }
        let except = except.unwrap_or_default();
        let attachments = self.frame.attachments();

        let size = 11 + 4 * attachments.len() + tenant.len() + except.len() + self.frame.len_bytes();
        let mut bytes = BytesMut::with_capacity(size);
        bytes.put_u8(VERSION);
        bytes.put_u8(flags);
        // A frame has at most `MAX_ATTACHMENTS`.
        bytes.put_u8(u8::try_from(attachments.len()).unwrap_or(u8::MAX));
        put_len(&mut bytes, tenant.len());
        put_len(&mut bytes, except.len());
        for attachment in attachments {
            put_len(&mut bytes, attachment.len());
        }
        bytes.put_slice(tenant.as_bytes());
        bytes.put_slice(except.as_bytes());
        for attachment in attachments {
            bytes.put_slice(attachment);
        }
        bytes.put_slice(self.frame.text().as_bytes());
        bytes.freeze()
    }

    /// Reads what [`encode`](Self::encode) wrote. All parts are views of the bytes.
    pub fn decode(mut bytes: Bytes) -> Result<Self, EnvelopeError> {
        match take_u8(&mut bytes)? {
            VERSION => {}
            0 => return Err(EnvelopeError::Malformed),
            newer => return Err(EnvelopeError::NewerVersion(newer)),
        }
        let flags = take_u8(&mut bytes)?;
        if flags & !(SCOPE_BITS | EXCEPT_BIT | VOLATILE_BIT) != 0 {
            return Err(EnvelopeError::Malformed);
        }
        let count = usize::from(take_u8(&mut bytes)?);
        if count > MAX_ATTACHMENTS {
            return Err(EnvelopeError::Malformed);
        }
        let tenant_len = take_len(&mut bytes)?;
        let except_len = take_len(&mut bytes)?;
        let lengths = (0..count)
            .map(|_| take_len(&mut bytes))
            .collect::<Result<Vec<_>, EnvelopeError>>()?;

        let tenant = take_text(&mut bytes, tenant_len)?;
        let except = take_text(&mut bytes, except_len)?;
        let attachments = lengths
            .into_iter()
            .map(|len| take(&mut bytes, len))
            .collect::<Result<Vec<_>, EnvelopeError>>()?;
        let text = ByteString::try_from(bytes).map_err(|_| EnvelopeError::Malformed)?;

        let scope = match flags & SCOPE_BITS {
            SCOPE_TENANT => Scope::Tenant(tenant),
            SCOPE_ANY if tenant.is_empty() => Scope::Any,
            SCOPE_MANAGE if tenant.is_empty() => Scope::Manage,
            _ => return Err(EnvelopeError::Malformed),
        };
        let except = match (flags & EXCEPT_BIT != 0, except) {
            (true, except) => Some(except),
            (false, except) if except.is_empty() => None,
            (false, _) => return Err(EnvelopeError::Malformed),
        };
        let frame = Frame::from_parts(text, attachments).map_err(|_| EnvelopeError::Malformed)?;
        Ok(Self {
            scope,
            except,
            volatile: flags & VOLATILE_BIT != 0,
            frame,
        })
    }
}

fn put_len(bytes: &mut BytesMut, len: usize) {
    // What does not fit cannot be published either, and reads as cut short.
    bytes.put_u32(u32::try_from(len).unwrap_or(u32::MAX));
}

fn take_u8(bytes: &mut Bytes) -> Result<u8, EnvelopeError> {
    bytes.try_get_u8().map_err(|_| EnvelopeError::Truncated)
}

fn take_len(bytes: &mut Bytes) -> Result<usize, EnvelopeError> {
    let len = bytes.try_get_u32().map_err(|_| EnvelopeError::Truncated)?;
    usize::try_from(len).map_err(|_| EnvelopeError::Truncated)
}

fn take(bytes: &mut Bytes, len: usize) -> Result<Bytes, EnvelopeError> {
    if len > bytes.len() {
        return Err(EnvelopeError::Truncated);
    }
    Ok(bytes.split_to(len))
}

fn take_text(bytes: &mut Bytes, len: usize) -> Result<ByteString, EnvelopeError> {
    ByteString::try_from(take(bytes, len)?).map_err(|_| EnvelopeError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Frame {
        Frame::event_raw(
            "/tenant",
            r#"["e",{"_placeholder":true,"num":0}]"#,
            vec![Bytes::from_static(&[9, 8])],
        )
        .expect("a frame")
    }

    fn full() -> Envelope {
        Envelope {
            scope: Scope::Tenant("t1".into()),
            except: Some("abcdefghijklmnopqrst".into()),
            volatile: true,
            frame: frame(),
        }
    }

    #[test]
    fn layout_is_fixed() {
        let mut expected = vec![1, 0b1101, 1, 0, 0, 0, 2, 0, 0, 0, 20, 0, 0, 0, 2];
        expected.extend_from_slice(b"t1abcdefghijklmnopqrst\x09\x08");
        expected.extend_from_slice(br#"451-/tenant,["e",{"_placeholder":true,"num":0}]"#);
        assert_eq!(full().encode(), expected);

        let text = Frame::event("/manage", "a", &1).expect("a frame");
        let plain = Envelope::new(Scope::Manage, text).encode();
        assert_eq!(plain, &b"\x01\x02\x00\0\0\0\0\0\0\0\x0042/manage,[\"a\",1]"[..]);
    }

    #[test]
    fn envelope_survives_the_bus() {
        for scope in [
            Scope::Any,
            Scope::Manage,
            Scope::Tenant("t".into()),
            Scope::Tenant("".into()),
        ] {
            for except in [None, Some(ByteString::from("s")), Some(ByteString::new())] {
                let envelope = Envelope {
                    scope: scope.clone(),
                    except,
                    volatile: false,
                    frame: frame(),
                };
                assert_eq!(Envelope::decode(envelope.encode()), Ok(envelope));
            }
        }
    }

    #[test]
    fn every_cut_is_noticed() {
        let whole = full().encode();
        let text_starts = whole.len() - full().frame.text().len();
        for len in 0..=text_starts {
            let error = Envelope::decode(whole.slice(..len)).expect_err("a part is missing");
            assert!(
                matches!(error, EnvelopeError::Truncated | EnvelopeError::Malformed),
                "{len}"
            );
        }
    }

    #[test]
    fn newer_version_is_told_from_a_fault() {
        let mut bytes = full().encode().to_vec();
        bytes[0] = 2;
        assert_eq!(Envelope::decode(bytes.into()), Err(EnvelopeError::NewerVersion(2)));
        assert_eq!(
            Envelope::decode(Bytes::from_static(&[0])),
            Err(EnvelopeError::Malformed)
        );
    }

    #[test]
    fn contradictions_are_refused() {
        let cases: [(usize, u8); 5] = [
            (1, 0b0001_1101), // a flag that nobody knows
            (1, 0b1111),      // no such scope
            (1, 0b1100),      // a tenant, but scope any
            (1, 0b1001),      // a socket id, but nobody left out
            (2, 11),          // too many attachments
        ];
        for (at, value) in cases {
            let mut bytes = full().encode().to_vec();
            bytes[at] = value;
            assert_eq!(
                Envelope::decode(bytes.into()),
                Err(EnvelopeError::Malformed),
                "{at}: {value}"
            );
        }
    }
}
