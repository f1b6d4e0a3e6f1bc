use std::time::Duration;

use super::*;

const ALICE: UserNumber = UserNumber(0);

fn of_alice(number: u64) -> MessageNumber {
    MessageNumber { sender: ALICE, number }
}

/// So many messages of one sender, all of them answered and delivered once.
fn settled(messages: u64) -> (Ledger, Instant) {
    let now = Instant::now();
    let mut ledger = Ledger::new(2);
    for number in 0..messages {
        assert_eq!(ledger.send(ALICE, now), number);
        ledger.answer(of_alice(number), None, now);
        ledger.deliver(of_alice(number), now);
    }
    (ledger, now)
}

fn sound(messages: u64) -> Tally {
    Tally {
        sent: messages,
        acked: messages,
        refused: 0,
        unacked: 0,
        lost: 0,
        duplicated: 0,
        strange: 0,
    }
}

#[test]
fn a_sound_run_has_no_faults() {
    let (ledger, _) = settled(3);
    assert!(ledger.is_settled());
    assert_eq!(ledger.tally(), sound(3));
}

#[test]
fn an_acked_message_that_never_comes_is_lost() {
    let (mut ledger, now) = settled(3);
    ledger.send(ALICE, now);
    ledger.answer(of_alice(3), None, now);
    assert!(!ledger.is_settled());
    assert_eq!(ledger.tally(), Tally { lost: 1, ..sound(4) });
}

#[test]
fn a_message_that_comes_twice_is_duplicated() {
    let (mut ledger, now) = settled(3);
    ledger.deliver(of_alice(1), now);
    ledger.deliver(of_alice(1), now);
    assert_eq!(
        ledger.tally(),
        Tally {
            duplicated: 2,
            ..sound(3)
        }
    );
    // What was too much must not make up for what is missing.
    ledger.send(ALICE, now);
    assert!(!ledger.is_settled());
}

#[test]
fn a_second_answer_is_duplicated() {
    let (mut ledger, now) = settled(3);
    ledger.answer(of_alice(2), None, now);
    assert_eq!(
        ledger.tally(),
        Tally {
            duplicated: 1,
            ..sound(3)
        }
    );
}

#[test]
fn a_message_without_an_answer_is_unacked() {
    let (mut ledger, now) = settled(3);
    ledger.send(ALICE, now);
    ledger.deliver(of_alice(3), now);
    assert!(!ledger.is_settled());
    let expected = Tally {
        sent: 4,
        unacked: 1,
        ..sound(3)
    };
    assert_eq!(ledger.tally(), expected);
}

#[test]
fn a_refused_message_is_settled_and_not_acked() {
    let (mut ledger, now) = settled(3);
    ledger.send(ALICE, now);
    ledger.answer(of_alice(3), Some("no".to_owned()), now);
    assert!(ledger.is_settled());
    assert_eq!(ledger.first_refusal(), Some("no"));
    assert_eq!(
        ledger.tally(),
        Tally {
            sent: 4,
            refused: 1,
            ..sound(3)
        }
    );
}

#[test]
fn what_nobody_sent_is_strange() {
    let (mut ledger, now) = settled(1);
    ledger.deliver(of_alice(7), now);
    let stranger = MessageNumber {
        sender: UserNumber(9),
        number: 0,
    };
    ledger.answer(stranger, None, now);
    assert_eq!(ledger.tally(), Tally { strange: 2, ..sound(1) });
}

#[test]
fn latency_counts_from_when_a_message_was_due_and_only_in_the_measured_time() {
    let began = Instant::now();
    let mut ledger = Ledger::new(1);
    let before = ledger.send(ALICE, began);
    let [from, due, answered, until] = [1, 2, 52, 60].map(|at| began + Duration::from_millis(at));
    ledger.begin(from);
    ledger.answer(of_alice(before), None, from);
    let measured = ledger.send(ALICE, due);
    ledger.answer(of_alice(measured), None, answered);
    ledger.end(until);
    let after = ledger.send(ALICE, until);
    ledger.answer(of_alice(after), None, until);
    let times = serde_json::to_value(ledger.times()).unwrap();
    assert_eq!(times["answered"], 2);
    assert_eq!(times["ack"]["count"], 1);
    assert!((times["ack"]["max"].as_f64().unwrap() - 50.0).abs() < 0.1, "{times}");
}

#[test]
fn a_client_message_id_names_sender_and_number() {
    let parse = |id: &str| serde_json::from_str::<MessageNumber>(&format!("{id:?}")).ok();
    let expected = MessageNumber {
        sender: UserNumber(12),
        number: 345,
    };
    assert_eq!(parse("u12-0a1b-345"), Some(expected));
    assert_eq!(parse("12-0a1b-345"), None);
    assert_eq!(parse("u12"), None);
}
