//! Which sockets a broadcast or a request is about, and how it is to be delivered.

use rmpv::Value;

use super::{
    AdapterError,
    value::{field, flag, texts_field},
};

/// The sockets meant: the union of `rooms`, or the whole namespace if there is none, without the members of `except`;
/// each socket once (spec §2.8).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opts {
    /// Rooms whose members are meant.
    pub rooms: Vec<String>,
    /// Rooms whose members are not.
    pub except: Vec<String>,
    /// How to deliver.
    pub flags: Flags,
}

/// The emitter's flags.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flags {
    /// A socket that cannot take the event at once may miss it.
    pub volatile: bool,
    /// A hint about compression, which this gateway does not do.
    pub compress: Option<bool>,
    /// How long the asking process waits for acks; after it, nobody listens.
    pub timeout_ms: Option<u64>,
    /// Whether the first ack is all that is wanted.
    pub expects_single_response: bool,
}

impl Opts {
    /// Reads the map; an absent one means everybody, and so does each absent list.
    pub(super) fn read(opts: Option<&Value>) -> Result<Self, AdapterError> {
        let Some(opts) = opts else {
            return Ok(Self::default());
        };
        if !opts.is_map() {
            return Err(AdapterError::BadField("opts"));
        }
        Ok(Self {
            rooms: texts_field(opts, "rooms")?,
            except: texts_field(opts, "except")?,
            flags: field(opts, "flags").map(Flags::read).unwrap_or_default(),
        })
    }
}

impl Flags {
    fn read(flags: &Value) -> Self {
        Self {
            volatile: flag(flags, "volatile"),
            compress: field(flags, "compress").and_then(Value::as_bool),
            timeout_ms: field(flags, "timeout").and_then(Value::as_u64),
            expects_single_response: flag(flags, "expectSingleResponse"),
        }
    }
}
