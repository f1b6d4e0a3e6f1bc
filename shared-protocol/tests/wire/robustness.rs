//! No input makes a decoder panic, and none is taken without end.

use bytes::Bytes;
use bytestring::ByteString;
use proptest::{collection::vec, prelude::*};
use shared_protocol::{
    adapter::{self, Channels},
    bus::{Control, Envelope},
    engineio::{self, payload},
};

use crate::values::{cases, decoder, packet_like};

/// What a client sends inside Engine.IO messages.
#[derive(Debug, Clone)]
enum Message {
    Text(String),
    Binary(Vec<u8>),
}

fn message() -> impl Strategy<Value = Message> {
    prop_oneof![
        any::<String>().prop_map(Message::Text),
        packet_like().prop_map(Message::Text),
        vec(any::<u8>(), 0..16).prop_map(Message::Binary),
    ]
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn engineio_takes_any_bytes(bytes in vec(any::<u8>(), 0..256), max_packets in 0_usize..8) {
        let (packets, _) = payload::decode(&Bytes::from(bytes), max_packets);
        prop_assert!(packets.len() <= max_packets);
    }

    #[test]
    fn engineio_takes_any_text(text in any::<String>()) {
        _ = engineio::Packet::decode_text(text.into());
    }

    #[test]
    fn socketio_takes_any_messages(messages in vec(message(), 0..8)) {
        let mut decoder = decoder();
        for message in messages {
            let was_waiting = decoder.is_waiting();
            match message {
                Message::Text(text) => {
                    let outcome = decoder.text(text.into());
                    prop_assert!(!was_waiting || outcome.is_err());
                }
                Message::Binary(bytes) => {
                    let outcome = decoder.binary(bytes.into());
                    prop_assert!(was_waiting || outcome.is_err());
                }
            }
        }
    }

    #[test]
    fn bus_takes_any_bytes(bytes in vec(any::<u8>(), 0..64), tail in vec(any::<u8>(), 0..16)) {
        _ = Control::decode(&bytes);
        _ = Envelope::decode(bytes.into());
        // Small lengths, so that the parts behind them are reached.
        let mut head = vec![1, 0b1101, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1];
        head.extend(tail);
        _ = Envelope::decode(head.into());
    }

    #[test]
    fn adapter_takes_any_bytes(bytes in vec(any::<u8>(), 0..256)) {
        let channels = Channels::new("k", "/");
        let inside_data = [
            b"\x93\xa1u\x82\xa4type\x02\xa4data\x92\xa1e".to_vec(), bytes.clone(), b"\x80".to_vec(),
        ].concat();
        for payload in [&bytes, &inside_data] {
            if let Ok(broadcast) = adapter::broadcast::decode(&channels, "k#/#", payload) {
                _ = broadcast.frame();
            }
            _ = adapter::request::decode(&channels, payload);
        }
    }

    #[test]
    fn adapter_takes_any_json(json in r#"\{("type":[0-9]|"[a-z]{1,4}":(\[\]|\{\}|"x"|1)|,){0,6}\}"#) {
        _ = adapter::request::decode(&Channels::new("k", "/"), json.as_bytes());
    }

    #[test]
    fn channel_takes_any_name(name in any::<String>(), key in any::<String>(), namespace in any::<String>()) {
        let channels = Channels::new(&key, &namespace);
        _ = channels.target(&name);
        let own = format!("{key}#{namespace}#{name}#");
        prop_assert_eq!(channels.target(&own), Some(adapter::Target::Room(&name)));
    }
}

#[test]
fn nesting_costs_no_stack() {
    let mut decoder = decoder();
    let deep = "[".repeat(1 << 20);
    for text in [
        format!("2{deep}"),
        format!("2[\"e\",{deep}"),
        format!("0{{\"a\":{deep}"),
        format!("51-{deep}"),
    ] {
        assert!(decoder.text(ByteString::from(text)).is_err());
    }
    let channels = Channels::new("k", "/");
    for byte in [0x91, 0x81, b'{'] {
        assert!(adapter::request::decode(&channels, &vec![byte; 1 << 20]).is_err());
    }
    let json = format!("{{\"type\":6,\"data\":{deep}");
    assert!(adapter::request::decode(&channels, json.as_bytes()).is_err());
}
