//! What was seen on the wire between stock adapters and emitters.

mod broadcasts;
mod requests;

use rmpv::Value;

use super::Channels;

fn root() -> Channels {
    Channels::new("socket.io", "/")
}

fn map(entries: Vec<(&str, Value)>) -> Value {
    Value::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

fn pack(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, value).expect("a Vec takes all");
    bytes
}

fn packet(data: Vec<Value>) -> Value {
    map(vec![
        ("type", 2.into()),
        ("data", Value::Array(data)),
        ("nsp", "/".into()),
    ])
}
