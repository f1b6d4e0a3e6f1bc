//! Puts the fragments of a WebSocket message together (RFC 6455 §5.4), with caps on their bytes and on their number.

use actix_ws::Item;
use bytes::{Bytes, BytesMut};

/// Fragments of one message, empty ones included: memory and time go with their number as well as with their bytes
/// (CVE-2026-48779).
const FRAGMENTS_MAX: usize = 256;

/// A whole message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message {
    Text(Bytes),
    Binary(Bytes),
}

/// Why a message cannot be put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FragmentError {
    TooLarge,
    TooMany,
    /// A continuation of nothing, or a beginning within a message.
    OutOfPlace,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Fragments {
    begun: Option<Begun>,
    max_bytes: usize,
}

#[derive(Debug)]
struct Begun {
    is_text: bool,
    bytes: BytesMut,
    fragments: usize,
}

impl Fragments {
    pub(super) fn new(max_bytes: usize) -> Self {
        Self { begun: None, max_bytes }
    }

    /// Takes a fragment in; a message when it was the last one.
    pub(super) fn push(&mut self, item: Item) -> Result<Option<Message>, FragmentError> {
        let (bytes, is_last) = match item {
            Item::FirstText(bytes) => (self.begin(true, bytes)?, false),
            Item::FirstBinary(bytes) => (self.begin(false, bytes)?, false),
            Item::Continue(bytes) => (bytes, false),
            Item::Last(bytes) => (bytes, true),
        };
        let begun = self.begun.as_mut().ok_or(FragmentError::OutOfPlace)?;
        begun.fragments += 1;
        if begun.fragments > FRAGMENTS_MAX {
            return Err(FragmentError::TooMany);
        }
        if begun.bytes.len() + bytes.len() > self.max_bytes {
            return Err(FragmentError::TooLarge);
        }
        begun.bytes.extend_from_slice(&bytes);
        if !is_last {
            return Ok(None);
        }
        Ok(self.begun.take().map(|begun| {
            let bytes = begun.bytes.freeze();
            if begun.is_text {
                Message::Text(bytes)
            } else {
                Message::Binary(bytes)
            }
        }))
    }

    fn begin(&mut self, is_text: bool, bytes: Bytes) -> Result<Bytes, FragmentError> {
        if self.begun.is_some() {
            return Err(FragmentError::OutOfPlace);
        }
        self.begun = Some(Begun {
            is_text,
            bytes: BytesMut::new(),
            fragments: 0,
        });
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &'static str) -> Bytes {
        Bytes::from_static(text.as_bytes())
    }

    #[test]
    fn fragments_become_one_message() {
        let mut fragments = Fragments::new(10);
        for _ in 0..2 {
            assert_eq!(fragments.push(Item::FirstText(bytes("4a"))), Ok(None));
            assert_eq!(fragments.push(Item::Continue(bytes(""))), Ok(None));
            assert_eq!(
                fragments.push(Item::Last(bytes("bc"))),
                Ok(Some(Message::Text(bytes("4abc"))))
            );
        }
        fragments.push(Item::FirstBinary(bytes("x"))).unwrap();
        assert_eq!(
            fragments.push(Item::Last(bytes("y"))),
            Ok(Some(Message::Binary(bytes("xy"))))
        );
    }

    #[test]
    fn bytes_and_number_are_capped_and_order_is_kept() {
        let mut fragments = Fragments::new(10);
        fragments.push(Item::FirstText(bytes("123456"))).unwrap();
        assert_eq!(
            fragments.push(Item::Continue(bytes("78901"))),
            Err(FragmentError::TooLarge)
        );

        let mut fragments = Fragments::new(10);
        fragments.push(Item::FirstText(bytes(""))).unwrap();
        let flood = (0..=FRAGMENTS_MAX).find_map(|_| fragments.push(Item::Continue(bytes(""))).err());
        assert_eq!(flood, Some(FragmentError::TooMany));

        assert_eq!(
            Fragments::new(10).push(Item::Last(bytes("x"))),
            Err(FragmentError::OutOfPlace)
        );
        let mut fragments = Fragments::new(10);
        fragments.push(Item::FirstText(bytes("a"))).unwrap();
        assert_eq!(
            fragments.push(Item::FirstText(bytes("b"))),
            Err(FragmentError::OutOfPlace)
        );
    }
}
