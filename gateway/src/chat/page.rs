//! How much fits into one reply.

use std::io;

use serde::Serialize;
use shared_protocol::events::limits::REPLY_BYTES_MAX;

use super::error::ChatError;

/// Bytes kept for what stands around the items of a page: the ack packet, `ok`, `hasMore`.
const ENVELOPE_BYTES: usize = 512;

/// The room that is left in a reply.
#[derive(Debug)]
pub(super) struct Room {
    left: usize,
    empty: bool,
}

impl Room {
    /// A whole reply's.
    pub(super) fn new() -> Self {
        Self {
            left: REPLY_BYTES_MAX - ENVELOPE_BYTES,
            empty: true,
        }
    }

    /// Takes the room that items need, all or none of them; `false`: they do not fit. The first always fit, or a page could
    /// never get past them.
    pub(super) fn take(&mut self, bytes: usize) -> bool {
        if bytes > self.left && !self.empty {
            return false;
        }
        self.left = self.left.saturating_sub(bytes);
        self.empty = false;
        true
    }

    /// Takes room for something that must be there in any case.
    pub(super) fn reserve(&mut self, bytes: usize) {
        self.left = self.left.saturating_sub(bytes);
    }
}

/// Bytes of an item as JSON, with the comma behind it. Counted, not kept.
pub(super) fn json_bytes(item: &impl Serialize) -> usize {
    struct Count(usize);
    impl io::Write for Count {
        fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
            self.0 += buffer.len();
            Ok(buffer.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(1);
    // Our own shapes always serialise; should one not, it counts as filling a reply.
    match serde_json::to_writer(&mut count, item) {
        Ok(()) => count.0,
        Err(_) => REPLY_BYTES_MAX,
    }
}

/// A limit from a payload: its default when absent, refused out of range.
pub(super) fn limit(asked: Option<u32>, default: u32, max: u32) -> Result<usize, ChatError> {
    let limit = asked.unwrap_or(default);
    if !(1..=max).contains(&limit) {
        return Err(ChatError::invalid("limit", format!("must be 1 to {max}")));
    }
    usize::try_from(limit).map_err(|_| ChatError::invalid("limit", "out of range"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_out_of_range_names_its_field() {
        assert_eq!(limit(None, 50, 200).unwrap(), 50);
        assert_eq!(limit(Some(200), 50, 200).unwrap(), 200);
        for bad in [0, 201] {
            assert!(matches!(
                limit(Some(bad), 50, 200),
                Err(ChatError::Invalid { field: "limit", .. })
            ));
        }
    }

    #[test]
    fn the_first_item_always_fits() {
        let mut room = Room::new();
        assert!(room.take(2 * REPLY_BYTES_MAX));
        assert!(!room.take(1));
    }

    #[test]
    fn escapes_are_counted_as_they_are_written() {
        assert_eq!(json_bytes(&"a"), 4);
        assert_eq!(json_bytes(&"\u{1}"), 9);
    }
}
