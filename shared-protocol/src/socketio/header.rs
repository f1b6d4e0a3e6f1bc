//! The part of a packet before its JSON: `<type>[<n>-][<namespace>,][<id>]` (spec §2.1).

use super::{DecodeError, ROOT_NAMESPACE};

/// What kind of packet it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Connect,
    Disconnect,
    Event,
    Ack,
    ConnectError,
}

/// A packet's head, and what is left of the text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header<'a> {
    pub(super) kind: Kind,
    /// How many binary messages follow.
    pub(super) attachments: usize,
    /// With its slash.
    pub(super) namespace: &'a str,
    pub(super) id: Option<u64>,
    /// The rest, without white space around it; empty if there is none.
    pub(super) payload: &'a str,
}

impl<'a> Header<'a> {
    /// Reads the head of a packet with at most `max_attachments`.
    pub(super) fn parse(text: &'a str, max_attachments: usize) -> Result<Self, DecodeError> {
        let kind = *text.as_bytes().first().ok_or(DecodeError::Empty)?;
        let (kind, is_binary) = match kind {
            b'0' => (Kind::Connect, false),
            b'1' => (Kind::Disconnect, false),
            b'2' => (Kind::Event, false),
            b'3' => (Kind::Ack, false),
            b'4' => (Kind::ConnectError, false),
            b'5' => (Kind::Event, true),
            b'6' => (Kind::Ack, true),
            _ => return Err(DecodeError::UnknownType),
        };
        let rest = text.get(1..).unwrap_or_default();
        let (attachments, rest) = if is_binary {
            take_count(rest, max_attachments)?
        } else {
            (0, rest)
        };
        let (namespace, rest) = take_namespace(rest);
        let (id, rest) = take_id(rest)?;
        let payload = rest.trim_matches([' ', '\t', '\r', '\n']);
        Ok(Self {
            kind,
            attachments,
            namespace,
            id,
            payload,
        })
    }
}

/// `<n>-`: a packet that announces binary has some, and not more than its receiver takes. The number is judged before
/// anything is kept for it (CVE-2026-33151).
fn take_count(text: &str, max: usize) -> Result<(usize, &str), DecodeError> {
    let (count, rest) = text.split_once('-').ok_or(DecodeError::BadAttachmentCount)?;
    match number(count).and_then(|count| usize::try_from(count).ok()) {
        Some(count) if (1..=max).contains(&count) => Ok((count, rest)),
        _ => Err(DecodeError::BadAttachmentCount),
    }
}

/// From a slash to the first comma, or to the end.
fn take_namespace(text: &str) -> (&str, &str) {
    if text.starts_with('/') {
        text.split_once(',').unwrap_or((text, ""))
    } else {
        (ROOT_NAMESPACE, text)
    }
}

/// Digits up to the first other character. Leading zeros are digits, and 64 bits are exact where the reference loses
/// precision beyond 2^53.
fn take_id(text: &str) -> Result<(Option<u64>, &str), DecodeError> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return Ok((None, text));
    }
    let (id, rest) = text.split_at_checked(digits).ok_or(DecodeError::BadId)?;
    Ok((Some(number(id).ok_or(DecodeError::BadId)?), rest))
}

/// Unlike `str::parse`, takes no sign.
fn number(digits: &str) -> Option<u64> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_is_taken_apart() {
        let cases = [
            ("0", Kind::Connect, 0, "/", None, ""),
            ("0/custom", Kind::Connect, 0, "/custom", None, ""),
            ("0/custom,{}", Kind::Connect, 0, "/custom", None, "{}"),
            ("0/c?x=1,", Kind::Connect, 0, "/c?x=1", None, ""),
            ("1/c,", Kind::Disconnect, 0, "/c", None, ""),
            ("2/,[]", Kind::Event, 0, "/", None, "[]"),
            ("2007[]", Kind::Event, 0, "/", Some(7), "[]"),
            ("2/c,12[]", Kind::Event, 0, "/c", Some(12), "[]"),
            ("218446744073709551615[]", Kind::Event, 0, "/", Some(u64::MAX), "[]"),
            ("2-1[]", Kind::Event, 0, "/", None, "-1[]"),
            ("3/1,2[]", Kind::Ack, 0, "/1", Some(2), "[]"),
            ("4{}", Kind::ConnectError, 0, "/", None, "{}"),
            ("51-/c,3[]", Kind::Event, 1, "/c", Some(3), "[]"),
            ("610-13[]", Kind::Ack, 10, "/", Some(13), "[]"),
            ("2 [] \n", Kind::Event, 0, "/", None, "[]"),
        ];
        for (text, kind, attachments, namespace, id, payload) in cases {
            let header = Header {
                kind,
                attachments,
                namespace,
                id,
                payload,
            };
            assert_eq!(Header::parse(text, 10), Ok(header), "{text}");
        }
    }

    #[test]
    fn bad_heads_are_told_apart() {
        let cases = [
            ("", DecodeError::Empty),
            ("7", DecodeError::UnknownType),
            ("a", DecodeError::UnknownType),
            ("é", DecodeError::UnknownType),
            ("5[]", DecodeError::BadAttachmentCount),
            ("51[]", DecodeError::BadAttachmentCount),
            ("5-[]", DecodeError::BadAttachmentCount),
            ("50-[]", DecodeError::BadAttachmentCount),
            ("511-[]", DecodeError::BadAttachmentCount),
            ("5+1-[]", DecodeError::BadAttachmentCount),
            ("51.5-[]", DecodeError::BadAttachmentCount),
            ("599999999999999999999-[]", DecodeError::BadAttachmentCount),
            ("218446744073709551616[]", DecodeError::BadId),
        ];
        for (text, error) in cases {
            assert_eq!(Header::parse(text, 10), Err(error), "{text}");
        }
    }
}
