//! What one side writes, the other reads as the same.

use bytes::Bytes;
use bytestring::ByteString;
use proptest::{collection::vec, option, prelude::*};
use serde_json::Value;
use shared_protocol::{
    adapter::{self, Channels},
    bus::{Envelope, Scope},
    engineio::{self, payload},
    socketio::{Event, Frame, Packet},
};

use crate::values::{body, cases, decoder, event_name, json, namespace};

fn engineio_packet() -> impl Strategy<Value = engineio::Packet> {
    use engineio::Packet as P;
    let text = || "[^\u{1e}]{0,16}".prop_map(ByteString::from);
    prop_oneof![
        text().prop_map(P::Open),
        Just(P::Close),
        text().prop_map(P::Ping),
        text().prop_map(P::Pong),
        text().prop_map(P::Message),
        vec(any::<u8>(), 0..16).prop_map(|bytes| P::Binary(bytes.into())),
        Just(P::Upgrade),
        Just(P::Noop),
    ]
}

fn attachments() -> impl Strategy<Value = Vec<Bytes>> {
    vec(vec(any::<u8>(), 0..16).prop_map(Bytes::from), 0..=10)
}

fn read(frame: &Frame) -> Packet {
    let mut decoder = decoder();
    let mut packet = decoder.text(body(frame.text())).expect("own text");
    for bytes in frame.attachments() {
        assert_eq!(packet, None);
        packet = decoder.binary(bytes.clone()).expect("own attachment");
    }
    packet.expect("a whole packet")
}

fn read_event(frame: &Frame) -> (String, Option<u64>, Event) {
    match read(frame) {
        Packet::Event { namespace, id, event } => (namespace.to_string(), id, event),
        other => panic!("{other:?}"),
    }
}

/// Equal as JavaScript sees it, where whole floats are whole numbers.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left == right || left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(key, left)| right.get(key).is_some_and(|right| same(left, right)))
        }
        _ => left == right,
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn engineio_payload(packets in vec(engineio_packet(), 1..8)) {
        let body = payload::encode(&packets);
        prop_assert_eq!(payload::decode(body.as_bytes(), 8), (packets, None));
    }

    #[test]
    fn socketio_event(namespace in namespace(), id in option::of(any::<u64>()), name in event_name(), arg in json()) {
        let frame = match id {
            Some(id) => Frame::event_with_id(&namespace, id, &name, &arg),
            None => Frame::event(&namespace, &name, &arg),
        }.expect("a frame");
        let (found_namespace, found_id, event) = read_event(&frame);
        prop_assert_eq!((found_namespace, found_id, event.name()), (namespace, id, &*name));
        prop_assert_eq!(event.first::<Value>().expect("JSON"), Some(arg));
    }

    #[test]
    fn socketio_ack(namespace in namespace(), id in any::<u64>(), arg in json(), attachments in attachments()) {
        let array = format!("[{arg}]");
        let frame = Frame::ack_raw(&namespace, id, &array, attachments.clone()).expect("a frame");
        let Packet::Ack { namespace: found, id: found_id, args } = read(&frame) else { panic!("an ack") };
        prop_assert_eq!((&*found, found_id, args.json()), (&*namespace, id, &*array));
        prop_assert_eq!(args.attachments(), &attachments[..]);
        prop_assert_eq!(args.first::<Value>().expect("JSON"), Some(arg));
    }

    #[test]
    fn half_characters_are_replaced_as_utf16_is_read(units in vec(prop_oneof![
        any::<u16>(), 0xd800_u16..0xe000, Just(0x5c_u16), Just(0x22_u16),
    ], 0..12)) {
        let escaped = units.iter().map(|unit| format!("\\u{unit:04x}")).collect::<Vec<_>>().concat();
        let text = format!("2[\"e\",\"{escaped}\"]");
        let Ok(Some(Packet::Event { event, .. })) = decoder().text(text.into()) else { panic!("an event") };
        prop_assert_eq!(event.first::<String>().expect("a string"), Some(String::from_utf16_lossy(&units)));
    }

    #[test]
    fn bus_envelope(
        scope in prop_oneof![
            Just(Scope::Any), Just(Scope::Manage), any::<String>().prop_map(|tenant| Scope::Tenant(tenant.into())),
        ],
        except in option::of(any::<String>()),
        volatile in any::<bool>(),
        name in event_name(),
        attachments in attachments(),
    ) {
        let array = Value::from(vec![name]).to_string();
        let frame = Frame::event_raw("/tenant", &array, attachments).expect("a frame");
        let envelope = Envelope { scope, except: except.map(ByteString::from), volatile, frame };
        prop_assert_eq!(Envelope::decode(envelope.encode()), Ok(envelope));
    }

    #[test]
    fn adapter_broadcast(name in event_name(), arg in json()) {
        let envelope = serde_json::json!(["uid", { "type": 2, "data": [name, arg] }, { "rooms": [] }]);
        let envelope: rmpv::Value = serde_json::from_value(envelope).expect("a tree");
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, &envelope).expect("a Vec takes all");
        let broadcast = adapter::broadcast::decode(&Channels::new("k", "/"), "k#/#", &bytes).expect("a broadcast");
        let (_, _, event) = read_event(&broadcast.frame().expect("a frame"));
        prop_assert_eq!(event.name(), &*name);
        let found: Value = event.first().expect("JSON").expect("an argument");
        prop_assert!(same(&found, &arg), "{found} {arg}");
    }

    #[test]
    fn adapter_float(number in any::<f64>()) {
        let data = rmpv::Value::Array(vec!["e".into(), rmpv::Value::F64(number)]);
        let packet = rmpv::Value::Map(vec![("type".into(), 2.into()), ("data".into(), data)]);
        let envelope = rmpv::Value::Array(vec!["u".into(), packet, rmpv::Value::Map(vec![])]);
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, &envelope).expect("a Vec takes all");
        let broadcast = adapter::broadcast::decode(&Channels::new("k", "/"), "k#/#", &bytes).expect("a broadcast");
        let json = broadcast.event_json().expect("JSON");
        let text = json.json().strip_prefix("[\"e\",").and_then(|rest| rest.strip_suffix(']')).expect("an event");
        if number.is_finite() {
            prop_assert_eq!(text.parse(), Ok(number));
            prop_assert!(serde_json::from_str::<serde_json::Number>(text).is_ok());
        } else {
            prop_assert_eq!(text, "null");
        }
    }
}
