//! Packets to the wire.

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};

use crate::socketio::{EncodeError, Frame, MAX_ATTACHMENTS};

#[test]
fn frames_are_written_as_the_reference_server_writes_them() {
    #[derive(Serialize)]
    struct Reason {
        code: &'static str,
    }
    let arg = json!({ "a": 1 });
    let none: Option<&Value> = None;
    let bytes = || vec![Bytes::from_static(&[1]), Bytes::from_static(&[2, 3])];
    let cases = [
        (Frame::event("/", "e\"1", &arg), r#"42["e\"1",{"a":1}]"#),
        (
            Frame::event("/tenant", "message:new", "x"),
            r#"42/tenant,["message:new","x"]"#,
        ),
        (Frame::event_with_id("/", 13, "ev", &1), r#"4213["ev",1]"#),
        (
            Frame::event_with_id("/c", u64::MAX, "ev", &1),
            r#"42/c,18446744073709551615["ev",1]"#,
        ),
        (Frame::event_raw("/", "[\"e\"]", vec![]), r#"42["e"]"#),
        (Frame::event_raw("/c", "[\"e\"]", bytes()), r#"452-/c,["e"]"#),
        (
            Frame::event_raw_with_id("/c", 1, "[\"e\"]", bytes()),
            r#"452-/c,1["e"]"#,
        ),
        (Frame::ack("/", 13, &arg), r#"4313[{"a":1}]"#),
        (Frame::ack("/tenant", 0, &arg), r#"43/tenant,0[{"a":1}]"#),
        (Frame::ack_raw("/", 12, "[]", vec![]), "4312[]"),
        (Frame::ack_raw("/", 13, "[1]", bytes()), "462-13[1]"),
        (Ok(Frame::connected("/", "abc")), r#"40{"sid":"abc"}"#),
        (Ok(Frame::connected("/tenant", "a\"c")), r#"40/tenant,{"sid":"a\"c"}"#),
        (
            Frame::connect_error("/x", "Invalid namespace", none),
            r#"44/x,{"message":"Invalid namespace"}"#,
        ),
        (
            Frame::connect_error("/", "no", Some(&Reason { code: "forbidden" })),
            r#"44{"message":"no","data":{"code":"forbidden"}}"#,
        ),
        (Ok(Frame::disconnect("/")), "41"),
        (Ok(Frame::disconnect("/custom")), "41/custom,"),
    ];
    for (frame, text) in cases {
        let frame = frame.expect(text);
        assert_eq!(frame.text(), text);
        assert_eq!(
            frame.len_bytes(),
            text.len() + frame.attachments().iter().map(Bytes::len).sum::<usize>()
        );
    }
}

#[test]
fn frames_that_clients_would_choke_on_are_not_written() {
    use EncodeError as E;
    let too_many = || vec![Bytes::new(); MAX_ATTACHMENTS + 1];
    assert!(matches!(Frame::event("/", "connect", &1), Err(E::ReservedEventName)));
    assert!(matches!(
        Frame::event_with_id("/", 1, "disconnect", &1),
        Err(E::ReservedEventName)
    ));
    assert!(matches!(
        Frame::event_raw("/", "[\"e\"]", too_many()),
        Err(E::TooManyAttachments)
    ));
    assert!(matches!(
        Frame::ack_raw("/", 1, "[]", too_many()),
        Err(E::TooManyAttachments)
    ));
    assert!(matches!(
        Frame::from_parts("42[]".into(), too_many()),
        Err(E::TooManyAttachments)
    ));
    assert!(matches!(Frame::from_parts("2[]".into(), vec![]), Err(E::NotAMessage)));
    let no_json = std::collections::HashMap::from([(vec![1], 1)]);
    assert!(matches!(Frame::ack("/", 1, &no_json), Err(E::Json(_))));
}
