//! Packets from the wire.

use std::borrow::Cow;

use bytes::Bytes;
use bytestring::ByteString;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::socketio::*;

const LIMITS: Limits = Limits {
    max_attachments: 10,
    max_attachment_bytes: 16,
};

fn decode(text: &str) -> Result<Option<Packet>, DecodeError> {
    Decoder::new(LIMITS).text(text.into())
}

fn event(text: &str) -> Event {
    match decode(text) {
        Ok(Some(Packet::Event { event, .. })) => event,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn packets_without_payload_or_with_an_object() {
    let connect = |namespace: &str, auth: Option<&str>| Packet::Connect {
        namespace: namespace.into(),
        auth: auth.map(ByteString::from),
    };
    let disconnect = |namespace: &str| Packet::Disconnect {
        namespace: namespace.into(),
    };
    let cases = [
        ("0", connect("/", None)),
        ("0{}", connect("/", Some("{}"))),
        (r#"0{"token":"x"}"#, connect("/", Some(r#"{"token":"x"}"#))),
        ("0/custom", connect("/custom", None)),
        ("0/custom,", connect("/custom", None)),
        (r#"0/c?x=1,{"a":[1]}"#, connect("/c?x=1", Some(r#"{"a":[1]}"#))),
        ("1", disconnect("/")),
        ("1/c,", disconnect("/c")),
    ];
    for (text, packet) in cases {
        assert_eq!(decode(text), Ok(Some(packet)), "{text}");
    }
}

#[test]
fn events_keep_name_id_and_raw_arguments() {
    let cases = [
        (
            r#"2["hello",1.50,{"b":1,"a":2}]"#,
            "/",
            None,
            "hello",
            r#"["hello",1.50,{"b":1,"a":2}]"#,
        ),
        (r#"213["ev","a"]"#, "/", Some(13), "ev", r#"["ev","a"]"#),
        (
            r#"2/tenant,007["message:send",{}]"#,
            "/tenant",
            Some(7),
            "message:send",
            r#"["message:send",{}]"#,
        ),
        (r#"2/,["e"]"#, "/", None, "e", r#"["e"]"#),
        (r#"2["\u00e9\n"]"#, "/", None, "é\n", r#"["\u00e9\n"]"#),
        (r#"2[""]"#, "/", None, "", r#"[""]"#),
        (r"2[42,1]", "/", None, "42", "[42,1]"),
        (r"2[-1.5]", "/", None, "-1.5", "[-1.5]"),
        (r#"2["message"]"#, "/", None, "message", r#"["message"]"#),
        (
            r#"2["e",{"_placeholder":true,"num":0}]"#,
            "/",
            None,
            "e",
            r#"["e",{"_placeholder":true,"num":0}]"#,
        ),
        (r#"218446744073709551615["e"]"#, "/", Some(u64::MAX), "e", r#"["e"]"#),
    ];
    for (text, namespace, id, name, json) in cases {
        let Ok(Some(packet)) = decode(text) else {
            panic!("{text}")
        };
        assert_eq!(packet.namespace(), namespace);
        let Packet::Event { id: found, event, .. } = packet else {
            panic!("{text}")
        };
        assert_eq!((found, event.name(), event.args_json()), (id, name, json), "{text}");
        assert!(event.attachments().is_empty());
    }
}

#[test]
fn acks_keep_id_and_arguments() {
    let Ok(Some(Packet::Ack { namespace, id, args })) = decode("3/tenant,13[\"ok\",2]") else {
        panic!("an ack")
    };
    assert_eq!((&*namespace, id, args.json()), ("/tenant", 13, "[\"ok\",2]"));
    assert_eq!(args.first::<&str>().expect("a string"), Some("ok"));
    assert_eq!(decode("3[1]"), Ok(None), "an ack without id is passed over");
}

#[test]
fn protocol_errors_are_told_apart() {
    use DecodeError as E;
    let deep = format!("2[\"e\",{}{}]", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
    let cases = [
        ("", E::Empty),
        ("7", E::UnknownType),
        ("x", E::UnknownType),
        ("4{\"message\":\"x\"}", E::WrongDirection),
        ("5[\"e\"]", E::BadAttachmentCount),
        ("50-[\"e\"]", E::BadAttachmentCount),
        ("511-[\"e\"]", E::BadAttachmentCount),
        ("218446744073709551616[\"e\"]", E::BadId),
        ("2", E::BadPayload),
        ("212", E::BadPayload),
        ("312", E::BadPayload),
        ("2{}", E::BadPayload),
        ("2\"e\"", E::BadPayload),
        ("2-1[\"e\"]", E::BadPayload),
        ("21.5[\"e\"]", E::BadPayload),
        ("2[\"e\"]x", E::BadPayload),
        ("2[\"e\",]", E::BadPayload),
        ("2[\"e\"", E::BadPayload),
        ("2[\"e\",\"\u{1}\"]", E::BadPayload),
        ("2[\"e\",01]", E::BadPayload),
        ("31{}", E::BadPayload),
        ("31[1]]", E::BadPayload),
        ("0[]", E::BadPayload),
        ("0null", E::BadPayload),
        ("0\"x\"", E::BadPayload),
        ("0{}{}", E::BadPayload),
        ("1{}", E::BadPayload),
        ("2[]", E::BadEventName),
        ("2[null]", E::BadEventName),
        ("2[{}]", E::BadEventName),
        ("2[[\"e\"]]", E::BadEventName),
        ("2[true]", E::BadEventName),
        ("2[\"connect\"]", E::ReservedEventName),
        ("2[\"c\\u006fnnect\"]", E::ReservedEventName),
        ("51-[\"e\",{\"_placeholder\":true,\"num\":1}]", E::BadPlaceholder),
        ("51-[\"disconnect\"]", E::ReservedEventName),
        (&*deep, E::TooDeep),
    ];
    for (text, error) in cases {
        assert_eq!(decode(text), Err(error), "{text}");
    }
    for name in RESERVED_EVENTS {
        assert_eq!(decode(&format!("2[\"{name}\"]")), Err(E::ReservedEventName));
    }
}

#[test]
fn attachments_complete_a_packet() {
    let mut decoder = Decoder::new(LIMITS);
    let header = r#"52-/c,3["e",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]"#;
    assert_eq!(decoder.text(header.into()), Ok(None));
    assert!(decoder.is_waiting());
    assert_eq!(decoder.binary(Bytes::from_static(b"a")), Ok(None));
    let Ok(Some(Packet::Event { namespace, id, event })) = decoder.binary(Bytes::from_static(b"")) else {
        panic!("an event")
    };
    assert!(!decoder.is_waiting());
    assert_eq!((&*namespace, id, event.name()), ("/c", Some(3), "e"));
    assert_eq!(event.attachments(), [Bytes::from_static(b"a"), Bytes::new()]);

    assert_eq!(
        decoder.text("61-13[{\"_placeholder\":true,\"num\":0}]".into()),
        Ok(None)
    );
    let Ok(Some(Packet::Ack { id: 13, args, .. })) = decoder.binary(Bytes::from_static(b"x")) else {
        panic!("an ack")
    };
    assert_eq!(args.attachments(), [Bytes::from_static(b"x")]);

    assert_eq!(decoder.text("61-[]".into()), Ok(None));
    assert_eq!(
        decoder.binary(Bytes::new()),
        Ok(None),
        "an ack without id is passed over"
    );
    assert!(!decoder.is_waiting());
}

#[test]
fn attachments_out_of_turn_are_refused() {
    let header = ByteString::from_static("52-[\"e\"]");
    let mut decoder = Decoder::new(LIMITS);
    assert_eq!(decoder.binary(Bytes::new()), Err(DecodeError::UnexpectedBinary));
    for text in ["2[\"e\"]", "51-[\"e\"]", ""] {
        assert_eq!(decoder.text(header.clone()), Ok(None));
        assert_eq!(decoder.text(text.into()), Err(DecodeError::UnexpectedText));
        assert!(!decoder.is_waiting(), "what was kept is dropped");
    }
    assert_eq!(decoder.text(header), Ok(None));
    assert_eq!(decoder.binary(Bytes::from_static(&[0; 16])), Ok(None));
    assert_eq!(
        decoder.binary(Bytes::from_static(&[0])),
        Err(DecodeError::AttachmentsTooLarge)
    );
    assert!(!decoder.is_waiting());
}

#[test]
fn first_argument_is_decoded_in_place() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Send<'a> {
        to: &'a str,
        #[serde(borrow)]
        body: Cow<'a, str>,
    }
    let sent = event(r#"2["message:send",{"x":[{}],"to":"u1","body":"hi\n"},"more"]"#);
    let arg: Option<Send<'_>> = sent.first().expect("an object");
    assert_eq!(
        arg,
        Some(Send {
            to: "u1",
            body: "hi\n".into()
        })
    );

    assert_eq!(event(r#"2["e"]"#).first::<Value>().expect("nothing"), None);
    assert_eq!(
        event(r#"2["e",null]"#).first::<Value>().expect("null"),
        Some(Value::Null)
    );
    assert_eq!(event(r#"2["e",null]"#).first::<Option<u8>>().expect("null"), Some(None));
    assert!(event(r#"2["e","x"]"#).first::<u8>().is_err());
}

#[test]
fn half_a_character_breaks_nothing() {
    let sent = event(r#"2["message:send",{"body":"a\ud800b \ud83d\ude00 \udc00"}]"#);
    let arg: Value = sent.first().expect("an object").expect("an argument");
    assert_eq!(arg, json!({ "body": "a\u{fffd}b \u{1F600} \u{fffd}" }));
    assert_eq!(event(r#"2["\ud800"]"#).name(), "\u{fffd}");
    let connect = decode(r#"0{"\udfff":1}"#);
    assert_eq!(
        connect,
        Ok(Some(Packet::Connect {
            namespace: "/".into(),
            auth: Some(r#"{"\ufffd":1}"#.into())
        }))
    );
}

#[test]
fn packet_shares_the_messages_memory() {
    let text = ByteString::from(String::from(r#"2/c,["name",1]"#));
    let inside = text.as_bytes().as_ptr_range();
    let Ok(Some(Packet::Event { namespace, event, .. })) = Decoder::new(LIMITS).text(text) else {
        panic!("an event")
    };
    for part in [&*namespace, event.name(), event.args_json()] {
        assert!(inside.contains(&part.as_ptr()), "{part}");
    }
}

#[test]
fn connect_error_is_read_from_servers_only() {
    let text = ByteString::from_static(r#"4/c,{"message":"no"}"#);
    assert_eq!(
        Decoder::new(LIMITS).text(text.clone()),
        Err(DecodeError::WrongDirection)
    );
    assert_eq!(
        Decoder::from_server(LIMITS).text(text),
        Ok(Some(Packet::ConnectError {
            namespace: "/c".into(),
            error: r#"{"message":"no"}"#.into()
        }))
    );
}
