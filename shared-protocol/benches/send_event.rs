//! The hot road of the codecs, `message:send` in and its ack out, beside socketioxide's parser in the same run.
//!
//! `cargo bench -p shared-protocol` prints times and, before them, allocations per event, which are stable where times are not.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and stops at what it did not expect"
)]

use std::alloc::System;
use std::hint::black_box;

use bytestring::ByteString;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde::{Deserialize, Serialize};
use shared_protocol::engineio::Packet as EnginePacket;
use shared_protocol::events::SendRequest;
use shared_protocol::socketio::{Decoder, Frame, Limits, Packet};
use socketioxide_core::Str;
use socketioxide_core::packet::{Packet as OtherPacket, PacketData};
use socketioxide_core::parser::{Parse, ParseConfig, ParserState};
use socketioxide_parser_common::CommonParser;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const IN: &str = r#"42/tenant,17["message:send",{"to":"u_0123456789abcdef","body":"The campaign report is ready; shall we look at it together after lunch?","clientMessageId":"7b0f3f0e-6d4e-4a57-9d0b-8f7f1f6f5a11"}]"#;

#[derive(Serialize)]
struct Answer {
    ok: bool,
    data: Data,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    seq: i64,
    client_message_id: &'static str,
    body: &'static str,
}

const ANSWER: Answer = Answer {
    ok: true,
    data: Data {
        seq: 1234,
        client_message_id: "7b0f3f0e-6d4e-4a57-9d0b-8f7f1f6f5a11",
        body: "The campaign report is ready; shall we look at it together after lunch?",
    },
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OwnedRequest {
    to: String,
    body: String,
    client_message_id: String,
}

fn ours(decoder: &mut Decoder, frame: &ByteString) -> usize {
    let EnginePacket::Message(text) = EnginePacket::decode_text(frame.clone()).unwrap() else {
        panic!("no message")
    };
    let Some(Packet::Event { namespace, id, event }) = decoder.text(text).unwrap() else {
        panic!("no event")
    };
    let request: SendRequest<'_> = event.first().unwrap().unwrap();
    let read = request.to.len() + request.body.len() + request.client_message_id.len();
    let ack = Frame::ack(&namespace, id.unwrap(), &ANSWER).unwrap();
    read + ack.len_bytes()
}

fn theirs(state: &ParserState, config: &ParseConfig, frame: &str) -> usize {
    let text = Str::copy_from_slice(&frame[1..]);
    let packet = CommonParser.decode_str(config, state, text).unwrap();
    let OtherPacket {
        inner: PacketData::Event(mut value, id),
        ns,
    } = packet
    else {
        panic!("no event")
    };
    black_box(CommonParser.read_event(&value).unwrap());
    let (request,): (OwnedRequest,) = CommonParser.decode_value(&mut value, true).unwrap();
    let read = request.to.len() + request.body.len() + request.client_message_id.len();
    let answer = CommonParser.encode_value(&(ANSWER,), None).unwrap();
    let socketioxide_core::Value::Str(text, _) = CommonParser.encode(OtherPacket::ack(ns, answer, id.unwrap())) else {
        panic!("no text")
    };
    // Engine.IO's digit before it.
    let mut ack = String::with_capacity(text.len() + 1);
    ack.push('4');
    ack.push_str(&text);
    read + ack.len()
}

fn allocations(name: &str, mut once: impl FnMut() -> usize) {
    const EVENTS: usize = 1000;
    black_box(once());
    let region = Region::new(ALLOCATOR);
    for _ in 0..EVENTS {
        black_box(once());
    }
    let change = region.change();
    let per_event = |count: usize| count / EVENTS;
    println!(
        "{name}: {} allocations, {} reallocations, {} bytes an event",
        per_event(change.allocations),
        per_event(change.reallocations),
        per_event(change.bytes_allocated)
    );
}

fn send_event(criterion: &mut Criterion) {
    let limits = Limits {
        max_attachments: 10,
        max_attachment_bytes: 65_536,
    };
    let mut decoder = Decoder::new(limits);
    let frame = ByteString::from_static(IN);
    let (state, config) = (ParserState::default(), ParseConfig::default());
    allocations("ours", || ours(&mut decoder, &frame));
    allocations("socketioxide", || theirs(&state, &config, IN));

    let mut group = criterion.benchmark_group("message:send in, ack out");
    group.throughput(Throughput::Elements(1));
    group.bench_function("ours", |bencher| bencher.iter(|| ours(&mut decoder, black_box(&frame))));
    group.bench_function("socketioxide", |bencher| {
        bencher.iter(|| theirs(&state, &config, black_box(IN)));
    });
    group.finish();
}

criterion_group!(benches, send_event);
criterion_main!(benches);
