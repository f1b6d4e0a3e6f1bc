//! Answers to requests (spec §3.2). All are JSON, but for acks, which may hold binary.

use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use rmpv::Value;
use serde::Serialize;

use super::AdapterError;
use crate::socketio::{Args, push_string};

/// A socket as `fetchSockets()` shows it to a Node process.
#[derive(Debug, Serialize)]
pub struct RemoteSocket<'a, D> {
    /// The public id.
    pub id: &'a str,
    /// What is told of its handshake.
    pub handshake: Handshake<'a>,
    /// Its rooms, its own id included.
    pub rooms: Vec<&'a str>,
    /// What `socket.data` is to hold.
    pub data: D,
}

/// What is told of a handshake: nothing that identifies or authenticates anybody. Headers, query and auth are there
/// because Node code may look into them, and empty.
#[derive(Debug, Clone, Copy)]
pub struct Handshake<'a> {
    /// When it was.
    pub issued: DateTime<Utc>,
    /// Whether the client came by TLS.
    pub secure: bool,
    /// Whether it named an origin.
    pub xdomain: bool,
    /// The path, without the query.
    pub path: &'a str,
}

impl Serialize for Handshake<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Empty {}

        #[derive(Serialize)]
        struct Wire<'a> {
            headers: Empty,
            time: String,
            address: &'a str,
            xdomain: bool,
            secure: bool,
            issued: i64,
            url: &'a str,
            query: Empty,
            auth: Empty,
        }

        let wire = Wire {
            headers: Empty {},
            time: self.issued.to_rfc3339_opts(SecondsFormat::Millis, true),
            address: "",
            xdomain: self.xdomain,
            secure: self.secure,
            issued: self.issued.timestamp_millis(),
            url: self.path,
            query: Empty {},
            auth: Empty {},
        };
        wire.serialize(serializer)
    }
}

/// To 0: ids of sockets.
pub fn sockets<'a>(request_id: &str, ids: impl IntoIterator<Item = &'a str>) -> String {
    texts(request_id, "sockets", ids)
}

/// To 1: names of rooms.
pub fn all_rooms<'a>(request_id: &str, rooms: impl IntoIterator<Item = &'a str>) -> String {
    texts(request_id, "rooms", rooms)
}

/// To 2, 3 and 4 of an old adapter: done.
pub fn done(request_id: &str) -> String {
    let mut json = begin("{", request_id);
    json.push('}');
    json
}

/// To 5: sockets.
pub fn fetched<D: Serialize>(request_id: &str, sockets: &[RemoteSocket<'_, D>]) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Fetched<'a, D> {
        request_id: &'a str,
        sockets: &'a [RemoteSocket<'a, D>],
    }
    serde_json::to_string(&Fetched { request_id, sockets })
}

/// To 6: nothing to say, but here.
pub fn server_side_emit(request_id: &str) -> String {
    let mut json = begin("{\"type\":6,", request_id);
    json.push_str(",\"data\":null}");
    json
}

/// To 7, first: from how many sockets acks may come.
pub fn client_count(request_id: &str, count: u64) -> String {
    let mut json = begin("{\"type\":8,", request_id);
    json.push_str(",\"clientCount\":");
    json.push_str(itoa::Buffer::new().format(count));
    json.push('}');
    json
}

/// To 7, then: one socket's ack, of which Node takes the first argument. MessagePack.
pub fn client_ack(request_id: &str, ack: &Args) -> Result<Bytes, AdapterError> {
    // Nested too deep to be read, it counts as an ack without arguments: the asking process waits for one of each socket.
    let packet: Value = ack.first().ok().flatten().unwrap_or(Value::Nil);
    let message = Value::Map(vec![
        (Value::from("type"), Value::from(9)),
        (Value::from("requestId"), Value::from(request_id)),
        (Value::from("packet"), restore(packet, ack.attachments())),
    ]);
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &message).map_err(|_| AdapterError::UnsupportedValue)?;
    Ok(bytes.into())
}

/// Puts the attachments where their placeholders stand.
fn restore(value: Value, attachments: &[Bytes]) -> Value {
    if attachments.is_empty() {
        return value;
    }
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(|item| restore(item, attachments)).collect()),
        Value::Map(entries) => match placeholder(&entries).and_then(|index| attachments.get(index)) {
            Some(bytes) => Value::Binary(bytes.to_vec()),
            None => Value::Map(
                entries
                    .into_iter()
                    .map(|(key, value)| (key, restore(value, attachments)))
                    .collect(),
            ),
        },
        other => other,
    }
}

fn placeholder(entries: &[(Value, Value)]) -> Option<usize> {
    let last = |name: &str| {
        entries
            .iter()
            .rev()
            .find(|(key, _)| key.as_str() == Some(name))
            .map(|(_, value)| value)
    };
    if last("_placeholder")?.as_bool() != Some(true) {
        return None;
    }
    usize::try_from(last("num")?.as_u64()?).ok()
}

fn texts<'a>(request_id: &str, name: &str, items: impl IntoIterator<Item = &'a str>) -> String {
    let mut json = begin("{", request_id);
    json.push(',');
    push_string(&mut json, name);
    json.push_str(":[");
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            json.push(',');
        }
        push_string(&mut json, item);
    }
    json.push_str("]}");
    json
}

fn begin(start: &str, request_id: &str) -> String {
    let mut json = String::with_capacity(64);
    json.push_str(start);
    json.push_str("\"requestId\":");
    push_string(&mut json, request_id);
    json
}
