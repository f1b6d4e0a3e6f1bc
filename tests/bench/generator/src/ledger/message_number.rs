//! What names a message on both ways.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};

use crate::users::UserNumber;

/// A message of a run: the n-th of a sender. On the wire it is the `clientMessageId`: the sender's id, a hyphen, the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MessageNumber {
    pub(crate) sender: UserNumber,
    pub(crate) number: u64,
}

impl<'de> Deserialize<'de> for MessageNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(InClientMessageId)
    }
}

struct InClientMessageId;

impl Visitor<'_> for InClientMessageId {
    type Value = MessageNumber;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("u<sender>-…-<number>")
    }

    fn visit_str<E: de::Error>(self, id: &str) -> Result<MessageNumber, E> {
        let parts = || {
            let (sender, number) = id.rsplit_once('-')?;
            Some(MessageNumber {
                sender: UserNumber::in_id(sender)?,
                number: number.parse().ok()?,
            })
        };
        parts().ok_or_else(|| E::invalid_value(de::Unexpected::Str(id), &self))
    }
}
