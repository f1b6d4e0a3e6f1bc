//! The loop of a connection over long polling (Engine.IO §polling): requests come one by one, from whatever worker took
//! them, and are answered through a one-shot each.

use std::collections::VecDeque;
use std::time::Duration;

use bytestring::ByteString;
use futures_util::FutureExt as _;
use futures_util::future::ready;
use shared_protocol::engineio::{Packet, PacketError, payload};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, Interval};

use super::connection::{close, guarded};
use super::core::{Core, Outgoing};
use crate::socket::{DisconnectReason, UpperLayer};

/// How often a held poll is ended with a noop while the client upgrades, so that it can finish its polling.
const NOOP_EVERY: Duration = Duration::from_millis(100);
/// How long the last words wait for a poll that fetches them.
const FAREWELL: Duration = Duration::from_secs(5);

/// A request of the client, as it reaches the connection.
pub(super) enum PollingRequest<U: UpperLayer> {
    /// GET: answered with what waits, or held until something does. Dropped when the client gave up.
    Poll(oneshot::Sender<PollAnswer>),
    /// POST: answered once its packets were handed on.
    Post {
        packets: Vec<Packet>,
        fault: Option<PacketError>,
        reply: oneshot::Sender<PostAnswer>,
    },
    /// The instance that passed a poll on goes away: the poll ends with a noop, and the client polls another one.
    Release,
    /// Two POSTs at once, or one that is none.
    Violation(&'static str),
    /// A WebSocket wants to take over. `false` in answer: another one was first.
    Probing(oneshot::Sender<bool>),
    /// Its probe was answered: polls are ended from now on.
    Probed,
    /// It is gone, or did not do what it has to.
    ProbeFailed,
    /// It takes over.
    TakeOver(oneshot::Sender<Core<U>>),
}

/// Answer of a poll.
#[derive(Debug)]
pub(super) enum PollAnswer {
    /// 200, with a payload.
    Payload(ByteString),
    /// 400: another poll was held.
    Refused,
}

/// Answer of a POST.
#[derive(Debug)]
pub(super) enum PostAnswer {
    /// 200 `ok`
    Ok,
    /// 400
    Refused,
}

/// How the loop ended.
enum Ended<U: UpperLayer> {
    /// The connection is over; what is left is told to the next poll.
    Closed(DisconnectReason),
    /// A WebSocket has it now.
    TakenOver(oneshot::Sender<Core<U>>),
}

/// A connection that is polled.
pub(super) struct Polling<U: UpperLayer> {
    core: Core<U>,
    requests: mpsc::Receiver<PollingRequest<U>>,
    held: Option<oneshot::Sender<PollAnswer>>,
    posted: VecDeque<Packet>,
    post: Option<(Option<PacketError>, oneshot::Sender<PostAnswer>)>,
    upgrade: Upgrade,
}

/// How far an upgrade has come.
enum Upgrade {
    None,
    Probing,
    Probed(Interval),
}

/// Runs the connection to its end.
pub(super) async fn run<U: UpperLayer>(core: Core<U>, requests: mpsc::Receiver<PollingRequest<U>>) {
    let mut polling = Polling {
        core,
        requests,
        held: None,
        posted: VecDeque::new(),
        post: None,
        upgrade: Upgrade::None,
    };
    match guarded(polling.core.connection_id.clone(), polling.turn(), || {
        Ended::Closed(DisconnectReason::Panicked)
    })
    .await
    {
        Ended::TakenOver(reply) => {
            polling.answer_held(ByteString::from_static("6"));
            polling.core.on_upgraded();
            if let Err(core) = reply.send(polling.core) {
                close(core, DisconnectReason::TransportClosed).after(ready(())).await;
            }
        }
        Ended::Closed(reason) => polling.say_goodbye(reason).await,
    }
}

impl<U: UpperLayer> Polling<U> {
    async fn turn(&mut self) -> Ended<U> {
        loop {
            self.answer_poll();
            let deadline = self.core.deadline();
            let step = tokio::select! {
                // A poll or POST that has come before a deadline must be seen before it.
                biased;
                request = self.requests.recv() => match request {
                    Some(PollingRequest::TakeOver(reply)) => return Ended::TakenOver(reply),
                    Some(request) => self.on_request(request),
                    None => Err(DisconnectReason::TransportClosed),
                },
                () = aborted(&mut self.held) => Err(DisconnectReason::TransportClosed),
                deliveries = self.core.inbox.take(), if self.core.upper.wants_deliveries() => {
                    self.core.on_deliveries(deliveries)
                }
                output = self.core.upper.advance() => self.core.on_output(output),
                () = noop_due(&mut self.upgrade) => {
                    self.answer_held(ByteString::from_static("6"));
                    Ok(())
                }
                () = tokio::time::sleep_until(deadline) => self.core.on_deadline(Instant::now()),
            };
            if let Err(reason) = step.and_then(|()| self.hand_on_posted()) {
                return Ended::Closed(reason);
            }
        }
    }

    fn on_request(&mut self, request: PollingRequest<U>) -> Result<(), DisconnectReason> {
        // A request that comes after the deadline, and before the timer, is late all the same.
        self.core.on_deadline(Instant::now())?;
        match request {
            PollingRequest::Poll(reply) => {
                if self.held.as_ref().is_some_and(|held| !held.is_closed()) {
                    let _ = reply.send(PollAnswer::Refused);
                    return Err(DisconnectReason::ProtocolError("two_polls"));
                }
                self.held = Some(reply);
                Ok(())
            }
            PollingRequest::Post { packets, fault, reply } => {
                self.posted.extend(packets);
                self.post = Some((fault, reply));
                Ok(())
            }
            PollingRequest::Release => {
                self.answer_held(ByteString::from_static("6"));
                Ok(())
            }
            PollingRequest::Violation(what) => Err(DisconnectReason::ProtocolError(what)),
            PollingRequest::Probing(reply) => {
                let first = matches!(self.upgrade, Upgrade::None);
                if first {
                    self.upgrade = Upgrade::Probing;
                }
                let _ = reply.send(first);
                Ok(())
            }
            PollingRequest::Probed => {
                // At once, and again: the client may poll once more before it has read the answer to its probe.
                self.answer_held(ByteString::from_static("6"));
                let mut every = tokio::time::interval_at(Instant::now() + NOOP_EVERY, NOOP_EVERY);
                every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
                self.upgrade = Upgrade::Probed(every);
                Ok(())
            }
            PollingRequest::ProbeFailed => {
                self.upgrade = Upgrade::None;
                Ok(())
            }
            // Seen before; it ends the loop.
            PollingRequest::TakeOver(_) => Ok(()),
        }
    }

    /// Hands on what was posted, as far as the layer above takes it, and answers the POST when all of it is.
    fn hand_on_posted(&mut self) -> Result<(), DisconnectReason> {
        while self.core.upper.wants_input() {
            let Some(packet) = self.posted.pop_front() else { break };
            let is_close = matches!(packet, Packet::Close);
            if let Err(reason) = self.core.on_packet(packet) {
                if is_close {
                    // The client leaves in good order: its poll ends with a noop, and its POST is answered.
                    self.answer_held(ByteString::from_static("6"));
                }
                self.answer_post(PostAnswer::Ok);
                return Err(reason);
            }
        }
        if self.posted.is_empty()
            && let Some((fault, _)) = &self.post
        {
            let fault = *fault;
            self.answer_post(if fault.is_some() {
                PostAnswer::Refused
            } else {
                PostAnswer::Ok
            });
            if let Some(fault) = fault {
                return Err(DisconnectReason::ProtocolError(fault.label()));
            }
        }
        Ok(())
    }

    /// Answers the held poll with all that waits.
    fn answer_poll(&mut self) {
        if self.core.outgoing.is_empty() || self.held.as_ref().is_none_or(oneshot::Sender::is_closed) {
            return;
        }
        let payload = encode(self.core.take_outgoing(), false);
        self.answer_held(payload);
    }

    fn answer_held(&mut self, payload: ByteString) {
        if let Some(held) = self.held.take() {
            let _ = held.send(PollAnswer::Payload(payload));
        }
    }

    fn answer_post(&mut self, answer: PostAnswer) {
        if let Some((_, reply)) = self.post.take() {
            let _ = reply.send(answer);
        }
    }

    /// Ends the connection for everybody else at once, then waits a little for the polls that fetch the last words.
    async fn say_goodbye(mut self, reason: DisconnectReason) {
        self.answer_post(PostAnswer::Refused);
        let outgoing = self.core.take_outgoing();
        if !reason.is_told_to_client() {
            self.answer_held(encode(outgoing, true));
            return close(self.core, reason).after(ready(())).await;
        }
        let Self {
            core,
            mut requests,
            mut held,
            ..
        } = self;
        // The sid stays known for the poll that may be on its way; for everybody else the connection is over.
        let closed = close(core, reason);
        // Never in one payload: stock clients act on a close at once, and on what came before it a moment later.
        let last_words = (!outgoing.is_empty()).then(|| encode(outgoing, false));
        let told = async {
            for payload in last_words.into_iter().chain([encode(Vec::new(), true)]) {
                let held = held.take().filter(|held| !held.is_closed());
                let Some(poll) = (match held {
                    Some(poll) => Some(poll),
                    None => next_poll(&mut requests).await,
                }) else {
                    return;
                };
                let _ = poll.send(PollAnswer::Payload(payload));
            }
        };
        closed.after(tokio::time::timeout(FAREWELL, told).map(drop)).await;
    }
}

/// The next poll of a connection that is over. What is posted comes too late, which is no fault of the client's.
async fn next_poll<U: UpperLayer>(
    requests: &mut mpsc::Receiver<PollingRequest<U>>,
) -> Option<oneshot::Sender<PollAnswer>> {
    loop {
        match requests.recv().await? {
            PollingRequest::Poll(reply) => return Some(reply),
            PollingRequest::Post { reply, .. } => drop(reply.send(PostAnswer::Ok)),
            _ => {}
        }
    }
}

/// Resolves when the client gave its held poll up.
async fn aborted(held: &mut Option<oneshot::Sender<PollAnswer>>) {
    match held {
        Some(held) => held.closed().await,
        None => std::future::pending().await,
    }
}

async fn noop_due(upgrade: &mut Upgrade) {
    match upgrade {
        Upgrade::Probed(every) => {
            every.tick().await;
        }
        Upgrade::None | Upgrade::Probing => std::future::pending().await,
    }
}

fn encode(outgoing: Vec<Outgoing>, and_close: bool) -> ByteString {
    let mut encoder = payload::Encoder::new();
    for item in outgoing {
        match item {
            Outgoing::Frame(frame) => {
                if !frame.text().is_empty() {
                    encoder.push_encoded(frame.text());
                }
                for attachment in frame.attachments() {
                    encoder.push_binary(attachment);
                }
            }
            Outgoing::Packet(packet) => encoder.push(&packet),
        }
    }
    if and_close {
        encoder.push(&Packet::Close);
    }
    encoder.finish()
}
