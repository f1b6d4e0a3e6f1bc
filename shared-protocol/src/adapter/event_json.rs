//! An event's array from MessagePack to JSON, as a Node server would have stringified it for its own clients.

use std::fmt::Write as _;

use bytes::Bytes;
use rmpv::Value;

use super::{AdapterError, timestamp};
use crate::socketio::{Attachments, Frame, MAX_ATTACHMENTS, MAX_DEPTH, is_reserved, push_string};

/// How some versions of notepack write `undefined`.
const UNDEFINED: i8 = 0;

/// An event as JSON text and attachments, ready to be framed for any number of sockets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventJson {
    json: String,
    attachments: Attachments,
}

impl EventJson {
    /// Writes the array of an event.
    pub(super) fn write(array: &[Value]) -> Result<Self, AdapterError> {
        match array.first() {
            Some(Value::String(name)) if name.as_str().is_some_and(is_reserved) => {
                return Err(AdapterError::ReservedEventName);
            }
            Some(Value::String(_) | Value::Integer(_)) => {}
            Some(Value::F64(number)) if number.is_finite() => {}
            _ => return Err(AdapterError::BadEventName),
        }
        let mut writer = Writer {
            json: String::with_capacity(256),
            attachments: Vec::new(),
        };
        writer.array(array, 0)?;
        Ok(Self {
            json: writer.json,
            attachments: writer.attachments.into(),
        })
    }

    /// The array's text, placeholders where attachments stand.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// The attachments, numbered depth-first.
    pub fn attachments(&self) -> &[Bytes] {
        &self.attachments
    }

    /// The event for every socket of a namespace.
    pub fn frame(&self, namespace: &str) -> Result<Frame, AdapterError> {
        Ok(Frame::event_raw(namespace, &self.json, self.attachments.clone())?)
    }

    /// The event for one socket, which is to acknowledge it under this number.
    pub fn frame_with_id(&self, namespace: &str, id: u64) -> Result<Frame, AdapterError> {
        Ok(Frame::event_raw_with_id(
            namespace,
            id,
            &self.json,
            self.attachments.clone(),
        )?)
    }
}

struct Writer {
    json: String,
    attachments: Vec<Bytes>,
}

impl Writer {
    fn value(&mut self, value: &Value, depth: usize) -> Result<(), AdapterError> {
        match value {
            Value::Nil | Value::Ext(UNDEFINED, _) => self.json.push_str("null"),
            Value::Boolean(value) => self.json.push_str(if *value { "true" } else { "false" }),
            Value::Integer(number) => self.display(number),
            Value::F32(number) => self.float(f64::from(*number)),
            Value::F64(number) => self.float(*number),
            Value::String(text) => {
                push_string(&mut self.json, &String::from_utf8_lossy(text.as_bytes()));
            }
            Value::Binary(bytes) => self.attachment(bytes)?,
            Value::Array(items) => self.array(items, depth)?,
            Value::Map(entries) => self.map(entries, depth)?,
            Value::Ext(timestamp::TYPE, bytes) => match timestamp::text(bytes) {
                Some(time) => push_string(&mut self.json, &time),
                None => self.json.push_str("null"),
            },
            Value::Ext(..) => return Err(AdapterError::UnsupportedValue),
        }
        Ok(())
    }

    fn array(&mut self, items: &[Value], depth: usize) -> Result<(), AdapterError> {
        let depth = deeper(depth)?;
        self.json.push('[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.json.push(',');
            }
            self.value(item, depth)?;
        }
        self.json.push(']');
        Ok(())
    }

    fn map(&mut self, entries: &[(Value, Value)], depth: usize) -> Result<(), AdapterError> {
        let depth = deeper(depth)?;
        self.json.push('{');
        for (index, (key, value)) in entries.iter().enumerate() {
            if index > 0 {
                self.json.push(',');
            }
            match key {
                Value::String(text) => {
                    push_string(&mut self.json, &String::from_utf8_lossy(text.as_bytes()));
                }
                Value::Integer(number) => push_string(&mut self.json, &number.to_string()),
                _ => return Err(AdapterError::UnsupportedValue),
            }
            self.json.push(':');
            self.value(value, depth)?;
        }
        self.json.push('}');
        Ok(())
    }

    fn attachment(&mut self, bytes: &[u8]) -> Result<(), AdapterError> {
        let number = self.attachments.len();
        if number == MAX_ATTACHMENTS {
            return Err(AdapterError::TooManyAttachments);
        }
        self.json.push_str("{\"_placeholder\":true,\"num\":");
        self.display(&number);
        self.json.push('}');
        self.attachments.push(Bytes::copy_from_slice(bytes));
        Ok(())
    }

    /// A number as JSON has it: whole numbers without a fraction, what is no number as null.
    fn float(&mut self, number: f64) {
        if !number.is_finite() {
            self.json.push_str("null");
        } else if number == 0.0 {
            // JSON.stringify knows no negative zero.
            self.json.push('0');
        } else {
            let start = self.json.len();
            // The shortest text that reads back as the same number, with an exponent where it is long.
            self.display(&format_args!("{number:?}"));
            if self.json.ends_with(".0") {
                self.json.truncate(self.json.len().saturating_sub(2).max(start));
            }
        }
    }

    fn display(&mut self, value: &impl std::fmt::Display) {
        // Writing to a String does not fail.
        _ = write!(self.json, "{value}");
    }
}

fn deeper(depth: usize) -> Result<usize, AdapterError> {
    if depth < MAX_DEPTH {
        Ok(depth + 1)
    } else {
        Err(AdapterError::TooDeep)
    }
}
