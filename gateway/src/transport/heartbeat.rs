//! When to ping and when to give up (Engine.IO §heartbeat): exact deadlines of one connection, without a clock of its own.

use std::time::Duration;

use tokio::time::Instant;

/// How late a timer may wake up on a busy machine.
const TIMER_SLACK: Duration = Duration::from_millis(50);

/// What a deadline that has passed asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beat {
    /// Nothing is due yet.
    Wait,
    /// Send a ping.
    Ping,
    /// The client did not answer.
    TimedOut,
}

/// The server pings, the client answers; the next ping is due one interval after the answer.
#[derive(Debug)]
pub(super) struct Heartbeat {
    interval: Duration,
    timeout: Duration,
    deadline: Instant,
    waiting_for_pong: bool,
    extended: bool,
}

impl Heartbeat {
    /// Starts with the handshake.
    pub(super) fn new(interval: Duration, timeout: Duration, now: Instant) -> Self {
        Self {
            interval,
            timeout,
            deadline: now + interval,
            waiting_for_pong: false,
            extended: false,
        }
    }

    /// When [`Self::on_deadline`] has to be asked again.
    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Tells what is due now.
    pub(super) fn on_deadline(&mut self, now: Instant) -> Beat {
        if now < self.deadline {
            return Beat::Wait;
        }
        if self.waiting_for_pong {
            return Beat::TimedOut;
        }
        self.waiting_for_pong = true;
        self.extended = false;
        // From when the ping was due, not from when a timer woke up, so that a client that counts along does not find us late;
        // unless the whole process was asleep, when the client must have its time all the same.
        let late = now.duration_since(self.deadline);
        self.deadline = if late < TIMER_SLACK {
            self.deadline + self.timeout
        } else {
            now + self.timeout
        };
        Beat::Ping
    }

    /// The client answered. An answer out of turn changes nothing, so a flood of them costs nothing (CVE-2026-48802).
    pub(super) fn on_pong(&mut self, now: Instant) {
        if self.waiting_for_pong {
            self.waiting_for_pong = false;
            self.deadline = now + self.interval;
        }
    }

    /// The client sent something else. It lives, so the deadline moves, once a ping: a busy link may carry the pong late.
    pub(super) fn on_other_packet(&mut self, now: Instant) {
        if self.waiting_for_pong && !self.extended {
            self.extended = true;
            self.deadline = now + self.timeout;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_millis(300);
    const TIMEOUT: Duration = Duration::from_millis(200);

    #[test]
    fn an_answered_ping_starts_the_next_interval() {
        let start = Instant::now();
        let mut beat = Heartbeat::new(INTERVAL, TIMEOUT, start);
        assert_eq!(beat.on_deadline(start), Beat::Wait);
        assert_eq!(beat.on_deadline(start + INTERVAL), Beat::Ping);
        let answered = start + INTERVAL + TIMEOUT / 2;
        beat.on_pong(answered);
        assert_eq!(beat.deadline(), answered + INTERVAL);
    }

    #[test]
    fn silence_ends_it() {
        let start = Instant::now();
        let mut beat = Heartbeat::new(INTERVAL, TIMEOUT, start);
        assert_eq!(beat.on_deadline(start + INTERVAL), Beat::Ping);
        assert_eq!(beat.on_deadline(start + INTERVAL + TIMEOUT), Beat::TimedOut);
    }

    #[test]
    fn a_process_that_was_asleep_gives_the_client_its_time() {
        let start = Instant::now();
        let mut beat = Heartbeat::new(INTERVAL, TIMEOUT, start);
        let awake = start + INTERVAL * 100;
        assert_eq!(beat.on_deadline(awake), Beat::Ping);
        assert_eq!(beat.deadline(), awake + TIMEOUT);
    }

    #[test]
    fn other_packets_extend_the_wait_once() {
        let start = Instant::now();
        let mut beat = Heartbeat::new(INTERVAL, TIMEOUT, start);
        beat.on_deadline(start + INTERVAL);
        let busy = start + INTERVAL + TIMEOUT / 2;
        beat.on_other_packet(busy);
        assert_eq!(beat.deadline(), busy + TIMEOUT);
        beat.on_other_packet(busy + TIMEOUT / 2);
        assert_eq!(beat.deadline(), busy + TIMEOUT);
    }

    #[test]
    fn pongs_out_of_turn_change_nothing() {
        let start = Instant::now();
        let mut beat = Heartbeat::new(INTERVAL, TIMEOUT, start);
        beat.on_pong(start + INTERVAL / 2);
        assert_eq!(beat.deadline(), start + INTERVAL);
    }
}
