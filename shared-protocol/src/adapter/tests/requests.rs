//! What Node asks and orders, and what it is answered.

use bytes::Bytes;
use chrono::DateTime;
use rmpv::Value;
use serde_json::json;

use super::{map, pack, packet, root};
use crate::{
    adapter::{AdapterError as E, Channels, Opts, RequestKind, request, response},
    socketio::{Args, Decoder, Limits, Packet},
};

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
        assert_eq!(request::decode(&root(), json.as_bytes()).expect(json).kind, kind);
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
            map(vec![("rooms", Value::Array(vec!["r".into()])), ("flags", flags)]),
        ),
    ]);
    let request = request::decode(&root(), &pack(&message)).expect("a request");
    let RequestKind::Broadcast { request_id, broadcast } = request.kind else {
        panic!("a broadcast")
    };
    assert_eq!(
        (&*request_id, &*broadcast.uid, broadcast.opts.flags.timeout_ms),
        ("i", "u", Some(500))
    );
    let frame = broadcast
        .event_json()
        .and_then(|event| event.frame_with_id("/", 4))
        .expect("a frame");
    assert_eq!(frame.text(), r#"451-4["e",{"_placeholder":true,"num":0}]"#);

    assert_eq!(
        request::decode(&Channels::new("k", "/x"), &pack(&message)),
        Err(E::OtherNamespace)
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
        (r#"{"type":2,"opts":{"rooms":"r"},"rooms":["x"]}"#, E::BadField("rooms")),
        (r#"{"type":6}"#, E::BadField("data")),
        (r#"{"type":7,"requestId":"i"}"#, E::BadField("packet")),
    ];
    for (json, error) in cases {
        assert_eq!(request::decode(&root(), json.as_bytes()), Err(error), "{json}");
    }
}

#[test]
fn answers_are_what_node_waits_for() {
    assert_eq!(
        response::sockets("i", ["a", "b"]),
        r#"{"requestId":"i","sockets":["a","b"]}"#
    );
    assert_eq!(response::all_rooms("i\"", []), r#"{"requestId":"i\"","rooms":[]}"#);
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
            packet = decoder.binary(Bytes::from_static(bytes)).expect("an attachment");
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
    assert_eq!(answer(&ack("31[18446744073709551615,2]", &[])), u64::MAX.into());
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
            Value::Array(vec![Value::Binary(b"y".to_vec()), Value::Binary(b"x".to_vec())])
        )])
    );
}
