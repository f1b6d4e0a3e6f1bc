//! Events and arguments: raw JSON that is decoded straight into the type that is wanted, without a tree in between.

use std::{fmt, marker::PhantomData};

use bytes::Bytes;
use bytestring::ByteString;
use serde::{
    Deserialize,
    de::{Deserializer as _, IgnoredAny, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{Attachments, DecodeError, is_reserved};

/// An event: a name and its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    name: ByteString,
    array: Args,
}

/// A JSON array and the attachments that its placeholders stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Args {
    json: ByteString,
    attachments: Attachments,
}

impl Event {
    /// Checks an array and finds the event's name in it.
    pub(super) fn parse(array: Args) -> Result<Self, DecodeError> {
        let name = parse_name(&array.json)?;
        if is_reserved(&name) {
            return Err(DecodeError::ReservedEventName);
        }
        Ok(Self { name, array })
    }

    /// The event's name. A name that the peer sent as a number is that number's text.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first argument after the name, decoded from the raw text; `None` if there is none.
    ///
    /// Lone surrogate escapes such as `"\ud800"` have become U+FFFD before, so they fail no string.
    pub fn first<'a, T: Deserialize<'a>>(&'a self) -> Result<Option<T>, serde_json::Error> {
        nth(&self.array.json, 1)
    }

    /// The raw array, the name included.
    pub fn args_json(&self) -> &str {
        &self.array.json
    }

    /// The binary parts.
    pub fn attachments(&self) -> &[Bytes] {
        &self.array.attachments
    }

    pub(super) fn with_attachments(self, attachments: Attachments) -> Self {
        Self {
            array: self.array.with_attachments(attachments),
            ..self
        }
    }
}

impl Args {
    /// Arguments of which only the syntax may be in doubt.
    pub(super) fn parse(json: ByteString) -> Result<Self, DecodeError> {
        if !json.starts_with('[') {
            return Err(DecodeError::BadPayload);
        }
        serde_json::from_str::<IgnoredAny>(&json).map_err(|_| DecodeError::BadPayload)?;
        Ok(Self::unchecked(json))
    }

    /// Arguments whose array is checked by whoever takes the name from it.
    pub(super) fn unchecked(json: ByteString) -> Self {
        Self {
            json,
            attachments: Attachments::NONE,
        }
    }

    /// The first argument, decoded from the raw text; `None` if there is none.
    pub fn first<'a, T: Deserialize<'a>>(&'a self) -> Result<Option<T>, serde_json::Error> {
        nth(&self.json, 0)
    }

    /// The raw array.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// The binary parts.
    pub fn attachments(&self) -> &[Bytes] {
        &self.attachments
    }

    pub(super) fn with_attachments(self, attachments: Attachments) -> Self {
        Self { attachments, ..self }
    }
}

/// Validates the whole array while it takes the name out of it.
fn parse_name(json: &ByteString) -> Result<ByteString, DecodeError> {
    if !json.starts_with('[') {
        return Err(DecodeError::BadPayload);
    }
    let raw: Option<&RawValue> = nth(json, 0).map_err(|_| DecodeError::BadPayload)?;
    let raw = raw.ok_or(DecodeError::BadEventName)?.get();
    match raw.as_bytes() {
        [b'"', inner @ .., b'"'] if !inner.contains(&b'\\') => {
            Ok(json.slice_ref(raw.get(1..raw.len() - 1).unwrap_or_default()))
        }
        [b'"', ..] => serde_json::from_str::<String>(raw)
            .map(ByteString::from)
            .map_err(|_| DecodeError::BadEventName),
        [b'-' | b'0'..=b'9', ..] => Ok(json.slice_ref(raw)),
        _ => Err(DecodeError::BadEventName),
    }
}

/// Decodes one element of an array as `T`, passes over the others, and makes sure that nothing follows the array.
fn nth<'a, T: Deserialize<'a>>(json: &'a str, index: usize) -> Result<Option<T>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let element = deserializer.deserialize_seq(Nth {
        index,
        element: PhantomData,
    })?;
    deserializer.end()?;
    Ok(element)
}

struct Nth<T> {
    index: usize,
    element: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Nth<T> {
    type Value = Option<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("an array of arguments")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Value, A::Error> {
        for _ in 0..self.index {
            if array.next_element::<IgnoredAny>()?.is_none() {
                return Ok(None);
            }
        }
        let element = array.next_element()?;
        if element.is_some() {
            while array.next_element::<IgnoredAny>()?.is_some() {}
        }
        Ok(element)
    }
}
