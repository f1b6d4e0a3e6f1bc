//! MessagePack and JSON as one kind of tree, with tolerant access to its fields.
//!
//! Every request but one is JSON, broadcasts are MessagePack; the fields in them are the same, so they are read by the
//! same code.

use rmpv::Value;

use super::AdapterError;
use crate::socketio::{MAX_DEPTH, replace_lone_surrogates};

/// What the reader of MessagePack may nest. It counts each level twice, and the envelope adds a few to the
/// [`MAX_DEPTH`] of the event.
const READ_DEPTH: usize = 2 * (MAX_DEPTH + 4);

/// Reads one MessagePack value and nothing behind it.
pub(super) fn from_msgpack(mut payload: &[u8]) -> Result<Value, AdapterError> {
    let value = rmpv::decode::read_value_with_max_depth(&mut payload, READ_DEPTH).map_err(|error| match error {
        rmpv::decode::Error::DepthLimitExceeded => AdapterError::TooDeep,
        _ => AdapterError::Malformed,
    })?;
    if payload.is_empty() {
        Ok(value)
    } else {
        Err(AdapterError::Malformed)
    }
}

/// Reads JSON, or else MessagePack, as the first byte says.
pub(super) fn from_json_or_msgpack(payload: &[u8]) -> Result<Value, AdapterError> {
    if payload.first() != Some(&b'{') {
        return from_msgpack(payload);
    }
    let json = str::from_utf8(payload).map_err(|_| AdapterError::Malformed)?;
    // Node writes half characters as escapes; who asks still waits for an answer.
    serde_json::from_str(json)
        .or_else(|_| serde_json::from_str(&replace_lone_surrogates(json)))
        .map_err(|_| AdapterError::Malformed)
}

/// A field of a map; a field that is nil is absent. The first of two with one name counts.
pub(super) fn field<'a>(map: &'a Value, name: &str) -> Option<&'a Value> {
    let found = map.as_map()?.iter().find(|(key, _)| key.as_str() == Some(name))?;
    Some(&found.1).filter(|value| !value.is_nil())
}

/// A string, or the decimal text of a number: rooms may be either.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => text.as_str().map(str::to_owned),
        Value::Integer(number) => Some(number.to_string()),
        Value::F64(number) if number.is_finite() => Some(number.to_string()),
        _ => None,
    }
}

/// A field with [`text`].
pub(super) fn text_field(map: &Value, name: &str) -> Option<String> {
    field(map, name).and_then(text)
}

/// A field with a list of [`text`]s; an absent list is empty.
pub(super) fn texts_field(map: &Value, name: &'static str) -> Result<Vec<String>, AdapterError> {
    let Some(list) = field(map, name) else {
        return Ok(Vec::new());
    };
    let list = list.as_array().ok_or(AdapterError::BadField(name))?;
    list.iter()
        .map(|item| text(item).ok_or(AdapterError::BadField(name)))
        .collect()
}

/// A field that is a boolean; anything else is false.
pub(super) fn flag(map: &Value, name: &str) -> bool {
    field(map, name).and_then(Value::as_bool).unwrap_or_default()
}
