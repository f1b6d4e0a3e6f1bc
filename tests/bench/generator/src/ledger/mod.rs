//! What became of every message: answered, delivered, and how often. What is lost or doubled shows here.

mod message_number;
#[cfg(test)]
mod tests;

use std::time::Instant;

use serde::Serialize;

pub(crate) use message_number::MessageNumber;

use crate::latencies::{Latencies, Percentiles};
use crate::users::UserNumber;

/// All messages of a run.
#[derive(Debug)]
pub(crate) struct Ledger {
    senders: Vec<Vec<Fate>>,
    measured: Measured,
    answers: Latencies,
    deliveries: Latencies,
    answered_in_time: u64,
    open: u64,
    strange: u64,
    first_refusal: Option<String>,
}

/// The measured part of the run.
#[derive(Clone, Copy, Debug, Default)]
struct Measured {
    from: Option<Instant>,
    until: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
struct Fate {
    /// When it should have been sent.
    due: Instant,
    acks: u8,
    refusals: u8,
    deliveries: u8,
}

/// How it all ended.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Tally {
    pub(crate) sent: u64,
    pub(crate) acked: u64,
    pub(crate) refused: u64,
    /// Never answered.
    pub(crate) unacked: u64,
    /// Acknowledged, and never delivered.
    pub(crate) lost: u64,
    /// Acknowledged or delivered more than once: each time too many counts.
    pub(crate) duplicated: u64,
    /// Answers and deliveries of what nobody has sent.
    pub(crate) strange: u64,
}

/// How long it took, for what was due in the measured time.
#[derive(Debug, Serialize)]
pub(crate) struct Times {
    /// Answers that came in the measured time.
    pub(crate) answered: u64,
    pub(crate) ack: Percentiles,
    pub(crate) delivery: Percentiles,
}

impl Ledger {
    pub(crate) fn new(senders: usize) -> Self {
        Self {
            senders: vec![Vec::new(); senders],
            measured: Measured::default(),
            answers: Latencies::new(),
            deliveries: Latencies::new(),
            answered_in_time: 0,
            open: 0,
            strange: 0,
            first_refusal: None,
        }
    }

    /// From here on it is measured.
    pub(crate) fn begin(&mut self, now: Instant) {
        self.measured.from = Some(now);
    }

    /// Up to here.
    pub(crate) fn end(&mut self, now: Instant) {
        self.measured.until = Some(now);
    }

    /// Notes a message; answers its number.
    pub(crate) fn send(&mut self, sender: UserNumber, due: Instant) -> u64 {
        let Some(fates) = self.senders.get_mut(sender.index()) else {
            self.strange += 1;
            return 0;
        };
        fates.push(Fate {
            due,
            acks: 0,
            refusals: 0,
            deliveries: 0,
        });
        self.open += 1;
        fates.len() as u64 - 1
    }

    pub(crate) fn answer(&mut self, message: MessageNumber, refusal: Option<String>, now: Instant) {
        let Some(fate) = fate_of(&mut self.senders, message) else {
            self.strange += 1;
            return;
        };
        let was_open = fate.is_open();
        if refusal.is_some() {
            fate.refusals = fate.refusals.saturating_add(1);
        } else {
            fate.acks = fate.acks.saturating_add(1);
        }
        let due = fate.due;
        self.open -= u64::from(was_open && !fate.is_open());
        self.first_refusal = self.first_refusal.take().or(refusal);
        if self.measured.holds(due) {
            self.answers.record(now.saturating_duration_since(due));
        }
        self.answered_in_time += u64::from(self.measured.holds(now));
    }

    pub(crate) fn deliver(&mut self, message: MessageNumber, now: Instant) {
        let Some(fate) = fate_of(&mut self.senders, message) else {
            self.strange += 1;
            return;
        };
        let was_open = fate.is_open();
        fate.deliveries = fate.deliveries.saturating_add(1);
        let due = fate.due;
        self.open -= u64::from(was_open && !fate.is_open());
        if self.measured.holds(due) {
            self.deliveries.record(now.saturating_duration_since(due));
        }
    }

    /// Whether everything has been answered, and what was acknowledged been delivered.
    pub(crate) const fn is_settled(&self) -> bool {
        self.open == 0
    }

    pub(crate) fn first_refusal(&self) -> Option<&str> {
        self.first_refusal.as_deref()
    }

    pub(crate) fn times(&self) -> Times {
        Times {
            answered: self.answered_in_time,
            ack: self.answers.percentiles(),
            delivery: self.deliveries.percentiles(),
        }
    }

    pub(crate) fn tally(&self) -> Tally {
        let fates = || self.senders.iter().flatten();
        let count = |is_so: fn(&Fate) -> bool| fates().filter(|fate| is_so(fate)).count() as u64;
        Tally {
            sent: count(|_| true),
            acked: count(|fate| fate.acks > 0),
            refused: count(|fate| fate.refusals > 0),
            unacked: count(|fate| fate.acks == 0 && fate.refusals == 0),
            lost: count(|fate| fate.acks > 0 && fate.deliveries == 0),
            duplicated: fates().map(Fate::too_many).sum(),
            strange: self.strange,
        }
    }
}

fn fate_of(senders: &mut [Vec<Fate>], message: MessageNumber) -> Option<&mut Fate> {
    let number = usize::try_from(message.number).ok()?;
    senders.get_mut(message.sender.index())?.get_mut(number)
}

impl Measured {
    fn holds(self, moment: Instant) -> bool {
        self.from.is_some_and(|from| moment >= from) && self.until.is_none_or(|until| moment < until)
    }
}

impl Fate {
    const fn is_open(&self) -> bool {
        self.refusals == 0 && (self.acks == 0 || self.deliveries == 0)
    }

    fn too_many(&self) -> u64 {
        u64::from((self.acks + self.refusals).saturating_sub(1)) + u64::from(self.deliveries.saturating_sub(1))
    }
}
