//! What the properties are tried with.

use bytestring::ByteString;
use proptest::{collection::vec, prelude::*};
use serde_json::{Map, Number, Value};
use shared_protocol::socketio::{Decoder, Limits, is_reserved};

/// Cases are cheap here: sixteen times as many as proptest takes by itself. `PROPTEST_CASES` sets the number for long
/// runs.
pub(crate) fn cases() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig {
        cases: default.cases.saturating_mul(16),
        ..default
    }
}

/// A decoder with the gateway's limits.
pub(crate) fn decoder() -> Decoder {
    Decoder::new(Limits {
        max_attachments: 10,
        max_attachment_bytes: 1 << 16,
    })
}

/// What is left of a frame's text for the decoder.
pub(crate) fn body(text: &ByteString) -> ByteString {
    text.slice_ref(text.strip_prefix('4').expect("an Engine.IO message"))
}

/// Any JSON value of moderate size.
pub(crate) fn json() -> impl Strategy<Value = Value> {
    // Fractions that serde_json reads exactly; it is one off in the last place for many others.
    let number = prop_oneof![
        any::<u64>().prop_map(Number::from),
        any::<i64>().prop_map(Number::from),
        any::<i32>().prop_map(|number| Number::from_f64(f64::from(number) + 0.5).expect("finite")),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        number.prop_map(Value::Number),
        any::<String>().prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::Array),
            vec((any::<String>(), inner), 0..6)
                .prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Any name that an event may have.
pub(crate) fn event_name() -> impl Strategy<Value = String> {
    any::<String>().prop_filter("not reserved", |name| !is_reserved(name))
}

/// The root, or another namespace.
pub(crate) fn namespace() -> impl Strategy<Value = String> {
    prop_oneof![Just("/".to_owned()), "/[^,]{1,12}"]
}

/// Text that looks like a packet, right or wrong in any of its parts.
pub(crate) fn packet_like() -> impl Strategy<Value = String> {
    let payload = prop_oneof![
        Just(String::new()),
        json().prop_map(|value| value.to_string()),
        (event_name(), json()).prop_map(|(name, arg)| Value::from(vec![Value::from(name), arg]).to_string()),
        Just(r#"["e",{"_placeholder":true,"num":0}]"#.to_owned()),
        Just(r#"["e",{"_placeholder":true,"num":3}]"#.to_owned()),
        Just(r#"["connect"]"#.to_owned()),
        Just(r#"["e"]x"#.to_owned()),
        Just(r#"["\ud800"]"#.to_owned()),
        r#"[\[\]{}",:\\u0-9a-f]{0,16}"#,
        any::<String>(),
    ];
    let count = prop_oneof![Just(String::new()), "[0-9]{1,2}-", "[0-9.+x-]{0,3}-?"];
    let namespace = prop_oneof![Just(String::new()), "/[a-zé?#]{0,5},?"];
    let id = prop_oneof![Just(String::new()), "[0-9]{1,3}", "[0-9]{17,21}"];
    ("[0-6]", count, namespace, id, payload).prop_map(|(kind, count, namespace, id, payload)| {
        let count = if matches!(&*kind, "5" | "6") {
            count
        } else {
            String::new()
        };
        format!("{kind}{count}{namespace}{id}{payload}")
    })
}
