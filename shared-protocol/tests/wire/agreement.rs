//! Agreement with the codecs of another server, on all that both accept.
//!
//! Known differences, each of them narrower or more exact on our side:
//!
//! | input | theirs | ours |
//! |---|---|---|
//! | Engine.IO `0…` from a peer | refused | read, so that test clients can use it |
//! | Engine.IO ping or pong with other content than `probe` | content dropped | kept |
//! | JSON of an event | not looked at before it is wanted | checked at once |
//! | payload of DISCONNECT | passed over | refused |
//! | reserved names, names that are no strings or numbers, bad placeholders | passed on | refused |
//! | `0` attachments | a packet without attachments | refused |
//! | ids beyond `i64` | dropped, or an ack refused | exact up to `u64`, then refused |
//! | an ack without id | refused | passed over |
//! | digits before something that is no `[` or `{` | swallowed | an id |

use bytes::Bytes;
use engineioxide_core::{Packet as TheirPacket, ProtocolVersion};
use proptest::{collection::vec, prelude::*};
use serde_json::Value;
use shared_protocol::{
    engineio,
    socketio::{DecodeError, Frame, Packet},
};
use socketioxide_core::{
    Str, Value as TheirValue,
    packet::{Packet as TheirSocketPacket, PacketData},
    parser::{Parse as _, ParseConfig, ParseError, ParserState},
};
use socketioxide_parser_common::CommonParser;

use crate::values::{body, cases, decoder, event_name, json, namespace, packet_like};

fn their_decode(text: &str, attachments: &[Bytes]) -> Result<TheirSocketPacket, ParseError> {
    let config = ParseConfig {
        max_incoming_binaries: 10,
        ..ParseConfig::default()
    };
    let state = ParserState::default();
    let mut outcome = CommonParser.decode_str(&config, &state, Str::from(text.to_owned()));
    for bytes in attachments {
        outcome = CommonParser.decode_bin(&config, &state, bytes.clone());
    }
    outcome
}

/// Type, id and raw JSON.
type Parts = (u8, Option<u64>, String);

fn their_parts(packet: &TheirSocketPacket) -> Parts {
    let text = |value: &TheirValue| value.as_str().map(ToString::to_string).unwrap_or_default();
    let id = |id: i64| u64::try_from(id).expect("digits");
    match &packet.inner {
        PacketData::Connect(auth) => (0, None, auth.as_ref().map(text).unwrap_or_default()),
        PacketData::Disconnect => (1, None, String::new()),
        PacketData::Event(data, ack) | PacketData::BinaryEvent(data, ack) => (2, ack.map(id), text(data)),
        PacketData::EventAck(data, ack) | PacketData::BinaryAck(data, ack) => (3, Some(id(*ack)), text(data)),
        PacketData::ConnectError(message) => (4, None, message.clone()),
    }
}

fn our_parts(packet: &Packet) -> Parts {
    match packet {
        Packet::Connect { auth, .. } => (0, None, auth.as_deref().unwrap_or_default().to_owned()),
        Packet::Disconnect { .. } => (1, None, String::new()),
        Packet::Event { id, event, .. } => (2, *id, event.args_json().to_owned()),
        Packet::Ack { id, args, .. } => (3, Some(*id), args.json().to_owned()),
        Packet::ConnectError { error, .. } => (4, None, error.to_string()),
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn engineio_text(text in prop_oneof![any::<String>(), "[0-9b](probe|[a-zA-Z0-9+/=]{0,9}|.{0,4})"]) {
        use engineio::Packet as P;
        let ours = P::decode_text(text.clone().into());
        let theirs = TheirPacket::parse(ProtocolVersion::V4, text);
        match (ours, theirs) {
            (Ok(ours), Ok(theirs)) => match (&ours, &theirs) {
                (P::Ping(_), TheirPacket::Ping) | (P::Pong(_), TheirPacket::Pong) => {}
                _ => prop_assert_eq!(ours.encode_text(), String::from(theirs)),
            },
            (Ok(ours), Err(_)) => prop_assert!(matches!(ours, P::Open(_))),
            (Err(error), Ok(_)) => prop_assert!(false, "{error}"),
            (Err(_), Err(_)) => {}
        }
    }

    #[test]
    fn socketio_text(text in packet_like()) {
        // Half characters are repaired, and white space is trimmed, by ours only.
        if text.contains("\\u") || text.ends_with([' ', '\t', '\r', '\n']) {
            return Ok(());
        }
        let ours = decoder().text(text.clone().into());
        match (ours, their_decode(&text, &[])) {
            (Ok(Some(ours)), Ok(theirs)) => {
                prop_assert_eq!(&**ours.namespace(), &*theirs.ns);
                let (ours, theirs) = (our_parts(&ours), their_parts(&theirs));
                if ours.1.is_none_or(|id| i64::try_from(id).is_ok()) {
                    prop_assert_eq!(ours, theirs);
                }
            }
            (Ok(Some(ours)), Err(_)) => {
                let (kind, id, _) = our_parts(&ours);
                prop_assert!(kind == 3 && id.is_some_and(|id| i64::try_from(id).is_err()), "{ours:?}");
            }
            (Ok(None), theirs) => {
                let idless_ack = matches!(theirs, Err(ParseError::InvalidPacketType));
                prop_assert!(idless_ack || matches!(theirs, Err(ParseError::NeedsMoreBinaryData)), "{theirs:?}");
            }
            (Err(error), Ok(_) | Err(ParseError::NeedsMoreBinaryData)) => {
                let structural = matches!(error, DecodeError::Empty | DecodeError::UnknownType | DecodeError::WrongDirection);
                prop_assert!(!structural, "{error}");
            }
            (Err(_), Err(_)) => {}
        }
    }

    #[test]
    fn they_read_what_we_write(
        namespace in namespace(),
        id in any::<u32>(),
        name in event_name(),
        arg in json(),
        attachments in vec(vec(any::<u8>(), 0..8).prop_map(Bytes::from), 0..=10),
    ) {
        let array = Value::from(vec![Value::from(name.clone()), arg]).to_string();
        let frame = Frame::event_raw_with_id(&namespace, id.into(), &array, attachments).expect("a frame");
        let packet = their_decode(&body(frame.text()), frame.attachments()).expect("our frame");
        prop_assert_eq!(&*packet.ns, &*namespace);
        prop_assert_eq!(their_parts(&packet), (2, Some(id.into()), array));
        let (PacketData::Event(data, _) | PacketData::BinaryEvent(data, _)) = &packet.inner else { panic!("an event") };
        // Their reading of names does not undo escapes.
        if !name.contains(|character: char| character.is_control() || matches!(character, '"' | '\\')) {
            prop_assert_eq!(CommonParser.read_event(data).expect("a name"), name);
        }
    }

    #[test]
    fn we_read_what_they_write(namespace in namespace(), id in any::<u32>(), name in event_name(), arg in json()) {
        let data = CommonParser.encode_value(&arg, Some(&name)).expect("a value");
        let mut packet = TheirSocketPacket::event(namespace.clone(), data);
        packet.inner.set_ack_id(id.into());
        let TheirValue::Str(text, None) = CommonParser.encode(packet) else { panic!("text") };
        let Ok(Some(Packet::Event { namespace: found, id: found_id, event })) = decoder().text(text.as_str().into()) else {
            panic!("{text}")
        };
        prop_assert_eq!((&*found, found_id, event.name()), (&*namespace, Some(id.into()), &*name));
    }
}
