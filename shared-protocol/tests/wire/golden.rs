//! Bytes that the reference implementations wrote, in `fixtures/`.

use bytes::Bytes;
use serde_json::{Value, json};
use shared_protocol::{
    adapter::{self, Channels},
    socketio::{Decoder, Limits, Packet},
};

fn rows(fixture: &str) -> impl Iterator<Item = Vec<&str>> {
    fixture
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t').collect())
}

fn hex(text: &str) -> Bytes {
    let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("hex");
    (0..text.len()).step_by(2).map(byte).collect()
}

#[test]
fn emitters_events_reach_clients_as_a_node_server_would_send_them() {
    let mut seen = 0;
    for row in rows(include_str!("../../fixtures/emitter.tsv")) {
        let [name, channel, payload, text, attachments] = row[..] else {
            panic!("{row:?}")
        };
        let namespace = if channel.contains("/tenant") { "/tenant" } else { "/" };
        let channels = Channels::new("socket.io", namespace);
        let broadcast = adapter::broadcast::decode(&channels, channel, &hex(payload)).expect(name);
        if let Some(adapter::Target::Room(room)) = channels.target(channel) {
            assert_eq!(broadcast.opts.rooms, [room], "{name}");
        }
        let frame = broadcast.frame().expect(name);
        assert_eq!(frame.text(), text, "{name}");
        let attachments: Vec<_> = attachments
            .split(',')
            .filter(|part| !part.is_empty())
            .map(hex)
            .collect();
        assert_eq!(frame.attachments(), attachments, "{name}");
        seen += 1;
    }
    assert_eq!(seen, 11);
}

/// Where we knowingly differ from the reference parser.
const DIFFERENCES: [(&str, &str); 8] = [
    (
        "",
        "it reads nothing as CONNECT; a message without content ends the link",
    ),
    (
        "2",
        "it lets a missing payload pass; no client sends an event without a name",
    ),
    ("212", "the same"),
    ("3", "the same, for acks"),
    ("312", "the same"),
    (
        "3[1]",
        "an ack without id answers nothing; it leaves that to the server, which ignores it",
    ),
    ("61-[1]", "the same"),
    (
        "2 [\"e\"]",
        "white space is the number 0 in JavaScript, and no id to us",
    ),
];

#[test]
fn text_is_read_as_the_reference_parser_reads_it() {
    let mut seen = 0;
    for row in rows(include_str!("../../fixtures/reference-parser.tsv")) {
        let [wire, outcome] = row[..] else { panic!("{row:?}") };
        seen += 1;
        let found = read(wire);
        if DIFFERENCES.iter().any(|(known, _)| *known == wire) {
            continue;
        }
        // Half a character survives in JavaScript.
        let outcome = outcome.replace("\\ud800", "\\ufffd");
        let expected = (outcome != "error").then(|| serde_json::from_str(&outcome).expect("JSON"));
        assert_eq!(found, expected, "{wire}");
    }
    assert_eq!(seen, 84);
}

/// What our decoder makes of a text, as the fixture writes it down.
fn read(wire: &str) -> Option<Value> {
    let limits = Limits {
        max_attachments: 10,
        max_attachment_bytes: 0,
    };
    let mut decoder = Decoder::from_server(limits);
    let mut packet = decoder.text(wire.into()).ok()?;
    let mut attachments = 0;
    while decoder.is_waiting() {
        packet = decoder.binary(Bytes::new()).ok()?;
        attachments += 1;
    }
    let parse = |json: &str| serde_json::from_str::<Value>(json).expect("checked JSON");
    let mut found = match packet? {
        Packet::Connect { namespace, auth: None } => json!({ "type": 0, "nsp": &*namespace }),
        Packet::Connect {
            namespace,
            auth: Some(auth),
        } => {
            json!({ "type": 0, "nsp": &*namespace, "data": parse(&auth) })
        }
        Packet::Disconnect { namespace } => json!({ "type": 1, "nsp": &*namespace }),
        Packet::Event {
            namespace,
            id: None,
            event,
        } => {
            json!({ "type": 2, "nsp": &*namespace, "data": parse(event.args_json()) })
        }
        Packet::Event {
            namespace,
            id: Some(id),
            event,
        } => {
            json!({ "type": 2, "nsp": &*namespace, "id": id, "data": parse(event.args_json()) })
        }
        Packet::Ack { namespace, id, args } => {
            json!({ "type": 3, "nsp": &*namespace, "id": id, "data": parse(args.json()) })
        }
        Packet::ConnectError { namespace, error } => {
            json!({ "type": 4, "nsp": &*namespace, "data": parse(&error) })
        }
    };
    if attachments > 0 {
        found["attachments"] = attachments.into();
    }
    // An id is allowed, and means nothing, where nothing can be acknowledged.
    if matches!(wire, "00{}" | "10") {
        found["id"] = 0.into();
    }
    Some(found)
}
