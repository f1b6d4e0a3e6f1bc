//! Pairs who write to each other. Closed loop: each keeps so many messages on their way, and every answer sends the next one. Open
//! loop: messages are due at a steady rate, whatever the server does, and latency counts from when each was due.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use clap::Args;
use serde::Serialize;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use super::{WorkloadError, first, per_second};
use crate::ledger::{Ledger, MessageNumber, Tally, Times};
use crate::link::{Link, LinkError};
use crate::target::Target;
use crate::users::{User, UserNumber};
use crate::wire::{ChatMessage, Received};
use crate::{pacer, report};

const BODY: &str = "Sixty characters or so, which is what people write to each other";
const SETTLED_WITHIN: Duration = Duration::from_secs(15);
const LOOKED_AT_EVERY: Duration = Duration::from_millis(10);

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Conversations; both sides write.
    #[arg(long)]
    pairs: usize,
    /// Closed loop: messages that each writer has on their way.
    #[arg(long, conflicts_with = "rate", required_unless_present = "rate")]
    in_flight: Option<usize>,
    /// Open loop: messages a second of all writers together.
    #[arg(long)]
    rate: Option<f64>,
    /// Seconds before the measured ones.
    #[arg(long)]
    warm_up: u64,
    /// Measured seconds.
    #[arg(long)]
    seconds: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Direct<'a> {
    per_second: f64,
    #[serde(flatten)]
    times: Times,
    #[serde(flatten)]
    tally: Tally,
    links_lost: u64,
    first_refusal: Option<&'a str>,
}

pub(super) async fn run(options: &Options, target: &Target, users: &[User]) -> Result<(), WorkloadError> {
    let users = first(users, options.pairs * 2)?;
    let run = Rc::new(Run {
        ledger: RefCell::new(Ledger::new(users.len())),
        is_over: Cell::new(false),
        answer_sends_next: options.in_flight.is_some(),
    });
    let mut writers = JoinSet::new();
    let mut orders = Vec::new();
    for (at, user) in users.iter().enumerate() {
        let (sender, receiver) = unbounded_channel();
        orders.push(sender);
        let writer = Writer {
            run: Rc::clone(&run),
            me: UserNumber(u32::try_from(at).unwrap_or(u32::MAX)),
            my_id: user.id.clone(),
            // The neighbour.
            partner: users[at ^ 1].id.clone(),
            link: Link::join(target, user, at).await?,
        };
        writers.spawn_local(writer.write(receiver));
    }
    let all = Duration::from_secs(options.warm_up + options.seconds);
    match (options.in_flight, options.rate) {
        (Some(in_flight), _) => give_out_at_once(&orders, in_flight),
        (None, Some(rate)) => drop(tokio::task::spawn_local(give_out_steadily(orders.clone(), rate, all))),
        (None, None) => {}
    }

    tokio::time::sleep(Duration::from_secs(options.warm_up)).await;
    let began = Instant::now();
    run.ledger.borrow_mut().begin(began);
    report::begin()?;
    tokio::time::sleep(Duration::from_secs(options.seconds)).await;
    let ended = Instant::now();
    run.ledger.borrow_mut().end(ended);
    report::end()?;
    run.is_over.set(true);

    let mut links_lost = 0;
    while !run.ledger.borrow().is_settled() && ended.elapsed() < SETTLED_WITHIN {
        tokio::time::sleep(LOOKED_AT_EVERY).await;
        while writers.try_join_next().is_some() {
            links_lost += 1;
        }
    }
    let ledger = run.ledger.borrow();
    let times = ledger.times();
    report::result(&Direct {
        per_second: per_second(times.answered, ended - began),
        times,
        tally: ledger.tally(),
        links_lost,
        first_refusal: ledger.first_refusal(),
    })?;
    Ok(())
}

fn give_out_at_once(orders: &[UnboundedSender<Instant>], in_flight: usize) {
    for writer in orders {
        for _ in 0..in_flight {
            // Who has lost the link writes nothing.
            _ = writer.send(Instant::now());
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of messages"
)]
async fn give_out_steadily(orders: Vec<UnboundedSender<Instant>>, rate: f64, time: Duration) {
    let mut due = pacer::steady(rate, (rate * time.as_secs_f64()) as u64);
    let mut writers = orders.iter().cycle();
    while let (Some(due), Some(writer)) = (due.recv().await, writers.next()) {
        _ = writer.send(due);
    }
}

struct Run {
    ledger: RefCell<Ledger>,
    is_over: Cell<bool>,
    answer_sends_next: bool,
}

struct Writer {
    run: Rc<Run>,
    me: UserNumber,
    my_id: String,
    partner: String,
    link: Link,
}

impl Writer {
    /// Writes what it is ordered to, and notes all that it hears, until the link ends.
    async fn write(mut self, mut orders: UnboundedReceiver<Instant>) -> Result<(), LinkError> {
        loop {
            while let Some(received) = self.link.buffered()? {
                self.hear(received)?;
            }
            self.link.flush().await?;
            tokio::select! {
                more = self.link.fill() => more?,
                Some(due) = orders.recv() => self.send(due)?,
            }
        }
    }

    fn hear(&mut self, received: Received) -> Result<(), LinkError> {
        let now = Instant::now();
        match received {
            Received::Answer { number, refusal } => {
                let message = MessageNumber {
                    sender: self.me,
                    number,
                };
                self.run.ledger.borrow_mut().answer(message, refusal, now);
                if self.run.answer_sends_next {
                    self.send(now)?;
                }
            }
            Received::Message(message) => self.run.ledger.borrow_mut().deliver(message, now),
            _ => {}
        }
        Ok(())
    }

    fn send(&mut self, due: Instant) -> Result<(), LinkError> {
        if self.run.is_over.get() {
            return Ok(());
        }
        let number = self.run.ledger.borrow_mut().send(self.me, due);
        let client_message_id = format!("{}-{number}", self.my_id);
        let message = ChatMessage {
            to: &self.partner,
            body: BODY,
            client_message_id: &client_message_id,
        };
        self.link.send(number, &message)
    }
}
