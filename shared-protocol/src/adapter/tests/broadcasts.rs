//! Events that Node pushes.

use bytes::Bytes;
use rmpv::Value;

use super::{map, pack, packet, root};
use crate::{
    adapter::{AdapterError as E, Broadcast, Flags, Opts, broadcast},
    socketio::MAX_DEPTH,
};

fn hex(text: &str) -> Vec<u8> {
    let text: String = text.split_whitespace().collect();
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex"))
        .collect()
}

fn broadcast(data: Vec<Value>) -> Result<Broadcast, E> {
    let opts = map(vec![("rooms", Value::Array(vec![]))]);
    let envelope = Value::Array(vec!["uid".into(), packet(data), opts]);
    broadcast::decode(&root(), "socket.io#/#", &pack(&envelope))
}

/// The text and attachments of an event with these arguments.
fn written(args: Vec<Value>) -> Result<(String, Vec<Bytes>), E> {
    let mut data = vec!["e".into()];
    data.extend(args);
    let frame = broadcast(data)?.frame()?;
    Ok((frame.text().to_string(), frame.attachments().to_vec()))
}

#[test]
fn emitters_bytes_become_a_frame() {
    let emitted = hex(
        "93a7656d697474657283a47479706502a46461746192a2653181a16101a36e7370a12f83a5726f6f6d7390a5666c61677380a665786365707490",
    );
    let broadcast = broadcast::decode(&root(), "socket.io#/#", &emitted).expect("the emitter's bytes");
    assert_eq!((&*broadcast.uid, &*broadcast.namespace), ("emitter", "/"));
    assert_eq!(broadcast.opts, Opts::default());
    assert_eq!(broadcast.frame().expect("a frame").text(), r#"42["e1",{"a":1}]"#);
}

#[test]
fn adapters_bytes_become_a_frame() {
    let emitted = hex(
        "93 a64d587136724c 83 a474797065 02 a464617461 94 a568656c6c6f 01 a178 81a161 93c3c0cb3ff8000000000000
         a36e7370 a12f 83 a5726f6f6d73 91a27231 a6657863657074 90 a5666c616773 81a8766f6c6174696c65c3",
    );
    let broadcast = broadcast::decode(&root(), "socket.io#/#r1#", &emitted).expect("the adapter's bytes");
    assert_eq!(broadcast.uid, "MXq6rL");
    assert_eq!(broadcast.opts.rooms, ["r1"]);
    assert!(broadcast.opts.flags.volatile);
    assert_eq!(
        broadcast.frame().expect("a frame").text(),
        r#"42["hello",1,"x",{"a":[true,null,1.5]}]"#
    );
}

#[test]
fn envelope_is_read_tolerantly() {
    let data = Value::Array(vec!["e".into()]);
    let read = |uid: Value, packet: Value, opts: Value| {
        broadcast::decode(&root(), "socket.io#/#", &pack(&Value::Array(vec![uid, packet, opts])))
    };
    let old = read(
        "u".into(),
        map(vec![("data", data.clone()), ("type", 5.into())]),
        map(vec![]),
    );
    assert_eq!(old.expect("type 5, no nsp, no rooms").opts, Opts::default());

    let flags = map(vec![
        ("timeout", 500.into()),
        ("expectSingleResponse", true.into()),
        ("compress", false.into()),
    ]);
    let opts = map(vec![
        ("flags", flags),
        ("except", Value::Array(vec!["x".into()])),
        ("rooms", Value::Array(vec![42.into(), "r".into(), Value::F64(1.5)])),
    ]);
    let broadcast = read("u".into(), packet(vec!["e".into()]), opts).expect("numeric rooms");
    assert_eq!(broadcast.opts.rooms, ["42", "r", "1.5"]);
    assert_eq!(broadcast.opts.except, ["x"]);
    let flags = Flags {
        volatile: false,
        compress: Some(false),
        timeout_ms: Some(500),
        expects_single_response: true,
    };
    assert_eq!(broadcast.opts.flags, flags);

    let elsewhere = map(vec![
        ("type", 2.into()),
        ("data", data.clone()),
        ("nsp", "/chat".into()),
    ]);
    let ack = map(vec![("type", 3.into()), ("data", data)]);
    let rooms = map(vec![("rooms", Value::Array(vec![Value::Nil]))]);
    let cases = [
        (read("u".into(), elsewhere, Value::Nil), E::OtherNamespace),
        (read("u".into(), ack, Value::Nil), E::NotAnEvent),
        (read("u".into(), Value::Nil, Value::Nil), E::NotAnEvent),
        (
            read("u".into(), map(vec![("type", 2.into())]), map(vec![])),
            E::BadField("data"),
        ),
        (read(Value::Nil, packet(vec![]), Value::Nil), E::BadField("uid")),
        (read("u".into(), packet(vec![]), 1.into()), E::BadField("opts")),
        (read("u".into(), packet(vec![]), Value::Nil), E::BadField("opts")),
        (read("u".into(), packet(vec![]), rooms), E::BadField("rooms")),
        (
            broadcast::decode(&root(), "socket.io#/#", b"\x90"),
            E::BadField("envelope"),
        ),
        (broadcast::decode(&root(), "socket.io#/#", b"\xc0\xc0"), E::Malformed),
        (broadcast::decode(&root(), "socket.io#/#", b""), E::Malformed),
        (broadcast::decode(&root(), "socket.io#/chat#", b""), E::OtherNamespace),
    ];
    for (outcome, error) in cases {
        assert_eq!(outcome, Err(error));
    }
}

#[test]
fn values_become_what_stringify_makes_of_them() {
    let cases = [
        (Value::Nil, "null"),
        (u64::MAX.into(), "18446744073709551615"),
        (i64::MIN.into(), "-9223372036854775808"),
        (Value::F64(1.5), "1.5"),
        (Value::F64(3.0), "3"),
        (Value::F64(1e21), "1e21"),
        (Value::F64(-0.0), "0"),
        (Value::F64(f64::NAN), "null"),
        (Value::F64(f64::NEG_INFINITY), "null"),
        (Value::F32(0.5), "0.5"),
        ("é\u{1F600}\"\n".into(), r#""é😀\"\n""#),
        (Value::Ext(-1, vec![0, 0, 0, 1]), r#""1970-01-01T00:00:01.000Z""#),
        (Value::Ext(-1, vec![0]), "null"),
        (Value::Ext(0, vec![0]), "null"),
        (
            Value::Map(vec![(1.into(), true.into()), ("b".into(), Value::Nil)]),
            r#"{"1":true,"b":null}"#,
        ),
    ];
    for (value, text) in cases {
        let (json, attachments) = written(vec![value]).expect(text);
        assert_eq!(json, format!("42[\"e\",{text}]"));
        assert!(attachments.is_empty());
    }
    let not_utf8 = hex("93 a175 82 a474797065 02 a464617461 92 a165 a1ff 80");
    let broadcast = broadcast::decode(&root(), "socket.io#/#", &not_utf8).expect("no string is a fault");
    assert_eq!(broadcast.frame().expect("a frame").text(), "42[\"e\",\"\u{fffd}\"]");
}

#[test]
fn binary_becomes_attachments_depth_first() {
    let bytes = |byte: u8| Value::Binary(vec![byte]);
    let args = vec![
        Value::Array(vec![bytes(1)]),
        map(vec![("z", bytes(2)), ("a", bytes(3))]),
        bytes(4),
    ];
    let (text, attachments) = written(args).expect("four attachments");
    assert_eq!(
        text,
        r#"454-["e",[{"_placeholder":true,"num":0}],{"z":{"_placeholder":true,"num":1},"a":{"_placeholder":true,"num":2}},{"_placeholder":true,"num":3}]"#
    );
    assert_eq!(attachments, [1, 2, 3, 4].map(|byte| Bytes::from(vec![byte])));

    assert_eq!(
        written(vec![bytes(0); 10]).expect("as many as clients take").1.len(),
        10
    );
    assert_eq!(written(vec![bytes(0); 11]), Err(E::TooManyAttachments));
}

#[test]
fn events_that_clients_would_choke_on_are_dropped() {
    let frame = |data: Vec<Value>| broadcast(data).expect("an envelope").frame();
    assert_eq!(frame(vec![]), Err(E::BadEventName));
    assert_eq!(frame(vec![Value::Nil]), Err(E::BadEventName));
    assert_eq!(frame(vec!["connect".into()]), Err(E::ReservedEventName));
    assert_eq!(frame(vec![7.into()]).expect("a number").text(), "42[7]");
    assert_eq!(written(vec![Value::Ext(5, vec![])]), Err(E::UnsupportedValue));
    let odd_key = Value::Map(vec![(Value::Nil, Value::Nil)]);
    assert_eq!(written(vec![odd_key]), Err(E::UnsupportedValue));

    let nested = |depth: usize| (0..depth).fold(Value::from("x"), |inner, _| Value::Array(vec![inner]));
    assert!(written(vec![nested(MAX_DEPTH - 1)]).is_ok());
    assert_eq!(written(vec![nested(MAX_DEPTH)]), Err(E::TooDeep));
    assert_eq!(
        broadcast::decode(&root(), "socket.io#/#", &vec![0x91; 1 << 20]),
        Err(E::TooDeep)
    );
}
