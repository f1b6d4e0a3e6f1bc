//! What was seen on the wire between stock adapters and emitters.

use bytes::Bytes;
use chrono::DateTime;
use rmpv::Value;
use serde_json::json;

use super::{AdapterError as E, *};
use crate::socketio::{Args, Decoder, Limits, MAX_DEPTH, Packet};

fn root() -> Channels {
    Channels::new("socket.io", "/")
}

fn hex(text: &str) -> Vec<u8> {
    let text: String = text.split_whitespace().collect();
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex"))
        .collect()
}

fn map(entries: Vec<(&str, Value)>) -> Value {
    Value::Map(
        entries
            .into_iter()
            .map(|(key, value)| (key.into(), value))
            .collect(),
    )
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

fn broadcast(data: Vec<Value>) -> Result<Broadcast, AdapterError> {
    let opts = map(vec![("rooms", Value::Array(vec![]))]);
    let envelope = Value::Array(vec!["uid".into(), packet(data), opts]);
    broadcast::decode(&root(), "socket.io#/#", &pack(&envelope))
}

/// The text and attachments of an event with these arguments.
fn written(args: Vec<Value>) -> Result<(String, Vec<Bytes>), AdapterError> {
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
    let broadcast =
        broadcast::decode(&root(), "socket.io#/#", &emitted).expect("the emitter's bytes");
    assert_eq!((&*broadcast.uid, &*broadcast.namespace), ("emitter", "/"));
    assert_eq!(broadcast.opts, Opts::default());
    assert_eq!(
        broadcast.frame().expect("a frame").text(),
        r#"42["e1",{"a":1}]"#
    );
}

#[test]
fn adapters_bytes_become_a_frame() {
    let emitted = hex(
        "93 a64d587136724c 83 a474797065 02 a464617461 94 a568656c6c6f 01 a178 81a161 93c3c0cb3ff8000000000000
         a36e7370 a12f 83 a5726f6f6d73 91a27231 a6657863657074 90 a5666c616773 81a8766f6c6174696c65c3",
    );
    let broadcast =
        broadcast::decode(&root(), "socket.io#/#r1#", &emitted).expect("the adapter's bytes");
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
        broadcast::decode(
            &root(),
            "socket.io#/#",
            &pack(&Value::Array(vec![uid, packet, opts])),
        )
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
        (
            "rooms",
            Value::Array(vec![42.into(), "r".into(), Value::F64(1.5)]),
        ),
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
        (
            read(Value::Nil, packet(vec![]), Value::Nil),
            E::BadField("uid"),
        ),
        (
            read("u".into(), packet(vec![]), 1.into()),
            E::BadField("opts"),
        ),
        (
            read("u".into(), packet(vec![]), Value::Nil),
            E::BadField("opts"),
        ),
        (
            read("u".into(), packet(vec![]), rooms),
            E::BadField("rooms"),
        ),
        (
            broadcast::decode(&root(), "socket.io#/#", b"\x90"),
            E::BadField("envelope"),
        ),
        (
            broadcast::decode(&root(), "socket.io#/#", b"\xc0\xc0"),
            E::Malformed,
        ),
        (
            broadcast::decode(&root(), "socket.io#/#", b""),
            E::Malformed,
        ),
        (
            broadcast::decode(&root(), "socket.io#/chat#", b""),
            E::OtherNamespace,
        ),
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
        (
            Value::Ext(-1, vec![0, 0, 0, 1]),
            r#""1970-01-01T00:00:01.000Z""#,
        ),
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
    let broadcast =
        broadcast::decode(&root(), "socket.io#/#", &not_utf8).expect("no string is a fault");
    assert_eq!(
        broadcast.frame().expect("a frame").text(),
        "42[\"e\",\"\u{fffd}\"]"
    );
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
    assert_eq!(
        attachments,
        [1, 2, 3, 4].map(|byte| Bytes::from(vec![byte]))
    );

    assert_eq!(
        written(vec![bytes(0); 10])
            .expect("as many as clients take")
            .1
            .len(),
        10
    );
    assert_eq!(
        written(vec![bytes(0); 11]),
        Err(AdapterError::TooManyAttachments)
    );
}

#[test]
fn events_that_clients_would_choke_on_are_dropped() {
    let frame = |data: Vec<Value>| broadcast(data).expect("an envelope").frame();
    assert_eq!(frame(vec![]), Err(AdapterError::BadEventName));
    assert_eq!(frame(vec![Value::Nil]), Err(AdapterError::BadEventName));
    assert_eq!(
        frame(vec!["connect".into()]),
        Err(AdapterError::ReservedEventName)
    );
    assert_eq!(frame(vec![7.into()]).expect("a number").text(), "42[7]");
    assert_eq!(
        written(vec![Value::Ext(5, vec![])]),
        Err(AdapterError::UnsupportedValue)
    );
    let odd_key = Value::Map(vec![(Value::Nil, Value::Nil)]);
    assert_eq!(written(vec![odd_key]), Err(AdapterError::UnsupportedValue));

    let nested =
        |depth: usize| (0..depth).fold(Value::from("x"), |inner, _| Value::Array(vec![inner]));
    assert!(written(vec![nested(MAX_DEPTH - 1)]).is_ok());
    assert_eq!(written(vec![nested(MAX_DEPTH)]), Err(AdapterError::TooDeep));
    assert_eq!(
        broadcast::decode(&root(), "socket.io#/#", &vec![0x91; 1 << 20]),
        Err(AdapterError::TooDeep)
    );
}

#[test]
fn requests_are_read_as_observed() {
    let rooms = |rooms: &[&str]| rooms.iter().map(ToString::to_string).collect::<Vec<_>>();
    let opts = |names: &[&str]| Opts {
        rooms: rooms(names),
        ..Opts::default()
    };
    let id = || Some("i".to_owned());
    let cases = [
        (
            r#"{"uid":"u","requestId":"i","type":0,"rooms":["r",1]}"#,
            RequestKind::Sockets {
                request_id: "i".into(),
                rooms: rooms(&["r", "1"]),
            },
        ),
        (
            r#"{"uid":"MXq6rL","requestId":"9Ax62p","type":1}"#,
            RequestKind::AllRooms {
                request_id: "9Ax62p".into(),
            },
        ),
        (
            r#"{"type":2,"opts":{"rooms":["r1"],"except":[]},"rooms":["jj"]}"#,
            RequestKind::Join {
                request_id: None,
                opts: opts(&["r1"]),
                rooms: rooms(&["jj"]),
            },
        ),
        (
            r#"{"uid":"u","type":2,"sid":"s","room":"r","requestId":"i"}"#,
            RequestKind::Join {
                request_id: id(),
                opts: opts(&["s"]),
                rooms: rooms(&["r"]),
            },
        ),
        (
            r#"{"uid":"u","type":3,"opts":{"rooms":[],"except":[]},"rooms":["j2"]}"#,
            RequestKind::Leave {
                request_id: None,
                opts: opts(&[]),
                rooms: rooms(&["j2"]),
            },
        ),
        (
            r#"{"uid":"u","type":4,"opts":{"rooms":["r"],"except":[]},"close":true}"#,
            RequestKind::Disconnect {
                request_id: None,
                opts: opts(&["r"]),
                close: true,
            },
        ),
        (
            r#"{"uid":"u","type":4,"sid":"s","close":false,"requestId":"i"}"#,
            RequestKind::Disconnect {
                request_id: id(),
                opts: opts(&["s"]),
                close: false,
            },
        ),
        (
            r#"{"uid":"u","requestId":"KyMFJT","type":5,"opts":{"rooms":["r1"],"except":[]}}"#,
            RequestKind::Fetch {
                request_id: "KyMFJT".into(),
                opts: opts(&["r1"]),
            },
        ),
        (
            r#"{"uid":"emitter","type":6,"data":["sse","\ud800"]}"#,
            RequestKind::ServerSideEmit {
                request_id: None,
                data: vec!["sse".into(), "\u{fffd}".into()],
            },
        ),
    ];
    for (json, kind) in cases {
        assert_eq!(
            request::decode(&root(), json.as_bytes()).expect(json).kind,
            kind
        );
    }
}

#[test]
fn broadcast_that_wants_acks_is_messagepack() {
    let flags = map(vec![("timeout", 500.into())]);
    let message = map(vec![
        ("uid", "u".into()),
        ("requestId", "i".into()),
        ("type", 7.into()),
        ("packet", packet(vec!["e".into(), Value::Binary(vec![1])])),
        (
            "opts",
            map(vec![
                ("rooms", Value::Array(vec!["r".into()])),
                ("flags", flags),
            ]),
        ),
    ]);
    let request = request::decode(&root(), &pack(&message)).expect("a request");
    let RequestKind::Broadcast {
        request_id,
        broadcast,
    } = request.kind
    else {
        panic!("a broadcast")
    };
    assert_eq!(
        (
            &*request_id,
            &*broadcast.uid,
            broadcast.opts.flags.timeout_ms
        ),
        ("i", "u", Some(500))
    );
    let frame = broadcast
        .event_json()
        .and_then(|event| event.frame_with_id("/", 4))
        .expect("a frame");
    assert_eq!(frame.text(), r#"451-4["e",{"_placeholder":true,"num":0}]"#);

    assert_eq!(
        request::decode(&Channels::new("k", "/x"), &pack(&message)),
        Err(AdapterError::OtherNamespace)
    );
}

#[test]
fn requests_that_name_nothing_are_refused() {
    let cases = [
        ("", E::Malformed),
        ("{", E::Malformed),
        ("{}", E::BadField("type")),
        (r#"{"type":"2"}"#, E::BadField("type")),
        (r#"{"type":8}"#, E::UnknownRequestType),
        (r#"{"type":1}"#, E::BadField("requestId")),
        (r#"{"type":4,"close":true}"#, E::BadField("opts")),
        (r#"{"type":2,"opts":[],"rooms":["x"]}"#, E::BadField("opts")),
        (
            r#"{"type":2,"opts":{"rooms":"r"},"rooms":["x"]}"#,
            E::BadField("rooms"),
        ),
        (r#"{"type":6}"#, E::BadField("data")),
        (r#"{"type":7,"requestId":"i"}"#, E::BadField("packet")),
    ];
    for (json, error) in cases {
        assert_eq!(
            request::decode(&root(), json.as_bytes()),
            Err(error),
            "{json}"
        );
    }
}

#[test]
fn answers_are_what_node_waits_for() {
    assert_eq!(
        response::sockets("i", ["a", "b"]),
        r#"{"requestId":"i","sockets":["a","b"]}"#
    );
    assert_eq!(
        response::all_rooms("i\"", []),
        r#"{"requestId":"i\"","rooms":[]}"#
    );
    assert_eq!(response::done("i"), r#"{"requestId":"i"}"#);
    assert_eq!(
        response::server_side_emit("i"),
        r#"{"type":6,"requestId":"i","data":null}"#
    );
    assert_eq!(
        response::client_count("i", 0),
        r#"{"type":8,"requestId":"i","clientCount":0}"#
    );

    let issued = DateTime::from_timestamp_millis(1_795_488_285_123).expect("a date");
    let handshake = response::Handshake {
        issued,
        secure: true,
        xdomain: false,
        path: "/realtime/",
    };
    let socket = response::RemoteSocket {
        id: "s",
        handshake,
        rooms: vec!["s", "r"],
        data: json!({}),
    };
    assert_eq!(
        response::fetched("i", &[socket]).expect("JSON"),
        concat!(
            r#"{"requestId":"i","sockets":[{"id":"s","handshake":{"headers":{},"time":"2026-11-24T02:44:45.123Z","#,
            r#""address":"","xdomain":false,"secure":true,"issued":1795488285123,"url":"/realtime/","query":{},"#,
            r#""auth":{}},"rooms":["s","r"],"data":{}}]}"#
        )
    );
}

#[test]
fn acks_of_clients_travel_with_their_binary() {
    fn ack(text: &str, attachments: &[&'static [u8]]) -> Args {
        let mut decoder = Decoder::new(Limits {
            max_attachments: 10,
            max_attachment_bytes: 99,
        });
        let mut packet = decoder.text(text.into()).expect("an ack");
        for bytes in attachments {
            packet = decoder
                .binary(Bytes::from_static(bytes))
                .expect("an attachment");
        }
        let Some(Packet::Ack { args, .. }) = packet else {
            panic!("an ack")
        };
        args
    }
    let answer = |args: &Args| {
        let bytes = response::client_ack("i", args).expect("MessagePack");
        let value = rmpv::decode::read_value(&mut &bytes[..]).expect("MessagePack");
        assert_eq!(value["type"], 9.into());
        assert_eq!(value["requestId"], "i".into());
        value["packet"].clone()
    };
    assert_eq!(answer(&ack("31[]", &[])), Value::Nil);
    assert_eq!(
        answer(&ack("31[18446744073709551615,2]", &[])),
        u64::MAX.into()
    );
    let literal = r#"31[{"_placeholder":true,"num":0}]"#;
    assert!(
        answer(&ack(literal, &[])).is_map(),
        "without attachments it is plain data"
    );
    let binary = r#"62-1[{"a":[{"_placeholder":true,"num":1},{"num":0,"_placeholder":true}]}]"#;
    assert_eq!(
        answer(&ack(binary, &[b"x", b"y"])),
        map(vec![(
            "a",
            Value::Array(vec![
                Value::Binary(b"y".to_vec()),
                Value::Binary(b"x".to_vec())
            ])
        )])
    );
}
