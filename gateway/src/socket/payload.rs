//! From an event's raw payload to its type, with errors that name the field.

use serde::Deserialize;
use serde_json::value::RawValue;
use shared_protocol::events::{AckError, ErrorCode};
use shared_protocol::socketio::Event;

/// The payload of an event: one JSON object, `{}` when there is none.
///
/// The type is decoded straight from the wire's text; only a payload that is refused is read a second time, to find out
/// which field is at fault.
pub(super) fn payload<'a, T: Deserialize<'a>>(event: &'a Event) -> Result<T, AckError> {
    let raw: Option<&RawValue> = event.first().map_err(|_| AckError::invalid("payload", "is not JSON"))?;
    let text = raw.map_or("{}", RawValue::get);
    let text = if text == "null" { "{}" } else { text };
    if !text.starts_with('{') {
        // An array would do for serde, which takes it for the fields in order.
        return Err(AckError::invalid("payload", "must be an object"));
    }
    serde_json::from_str(text).or_else(|_| {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        serde_path_to_error::deserialize(&mut deserializer).map_err(|error| describe(&error))
    })
}

fn describe(error: &serde_path_to_error::Error<serde_json::Error>) -> AckError {
    let inner = error.inner().to_string();
    // Where in the text it was is of no use to the reader: events are one line.
    let fault = inner.split(" at line ").next().unwrap_or_default();
    let path = error.path().to_string();
    let message = if path == "." {
        fault.to_owned()
    } else {
        format!("{path}: {fault}")
    };
    // What the client sent must not come back at any length.
    AckError::new(ErrorCode::InvalidPayload, message.chars().take(200).collect::<String>())
}

#[cfg(test)]
mod tests {
    use bytestring::ByteString;
    use shared_protocol::events::{HistoryRequest, SendRequest, SyncRequest};
    use shared_protocol::socketio::{Decoder, Limits, Packet};

    use super::*;

    fn event(array: &str) -> Event {
        let mut decoder = Decoder::new(Limits {
            max_attachments: 0,
            max_attachment_bytes: 0,
        });
        let packet = decoder.text(ByteString::from(format!("2{array}"))).unwrap();
        let Some(Packet::Event { event, .. }) = packet else {
            panic!("no event")
        };
        event
    }

    /// What a client hears whose payload is read as that type.
    macro_rules! fault {
        ($request:ty, $array:expr) => {{
            let event = event($array);
            match payload::<$request>(&event) {
                Ok(_) => String::from("accepted"),
                Err(error) => {
                    assert_eq!(error.code, ErrorCode::InvalidPayload);
                    error.message
                }
            }
        }};
    }

    #[test]
    fn the_field_at_fault_is_named() {
        assert_eq!(fault!(SendRequest<'_>, r#"["message:send"]"#), "missing field `to`");
        assert_eq!(
            fault!(SendRequest<'_>, r#"["message:send",{"to":"a","body":5}]"#),
            "body: invalid type: integer `5`, expected a string"
        );
        assert_eq!(
            fault!(SendRequest<'_>, r#"["message:send",["a","b","c"]]"#),
            "payload: must be an object"
        );
        assert_eq!(
            fault!(SendRequest<'_>, r#"["message:send","x"]"#),
            "payload: must be an object"
        );
        assert_eq!(
            fault!(HistoryRequest, r#"["h",{"with":"a","limit":-1}]"#),
            "limit: invalid value: integer `-1`, expected u32"
        );
        assert!(fault!(SyncRequest, r#"["sync",{"since":{"a:b:c":"1"}}]"#).starts_with("since.a:b:c: invalid type"));
    }

    #[test]
    fn null_and_unknown_fields_are_passed_over() {
        assert_eq!(
            fault!(HistoryRequest, r#"["h",{"with":"a","limit":null,"later":[1]}]"#),
            "accepted"
        );
        assert_eq!(fault!(SyncRequest, r#"["sync",null]"#), "missing field `since`");
    }
}
