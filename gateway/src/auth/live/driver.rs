//! Rechecks live sessions: all of them by period, single ones at once.

use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until};

use super::super::error::Unavailable;
use super::super::sessions::{BATCH, note_availability};
use super::{LiveSessions, News};
use crate::hub::EndReason;

/// Redis lets a key go at its end, by its own clock; looking a moment later finds it gone.
const AFTER_END: Duration = Duration::from_millis(5);
/// Wait after a failure: whoever lost their session while Redis was away is told soon after it is back.
const RETRY: Duration = Duration::from_secs(1);
/// No known end.
const FAR: Duration = Duration::from_hours(1);

impl LiveSessions {
    /// Watches until it is dropped, which may happen at any time. `on_news` must not wait.
    pub async fn run(&self, on_news: impl Fn(News) + Send + Sync) {
        let recheck = self.recheck(on_news);
        tokio::join!(recheck, self.watch_keys());
    }

    async fn recheck(&self, on_news: impl Fn(News) + Send + Sync) {
        // A little faster than promised: a session that goes right after it was read is noticed in time nevertheless.
        let period = self.shared.period * 4 / 5;
        let mut round = interval_at(Instant::now() + period, period);
        round.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut was_down = false;
        // Known before anybody joins, or the first restart would pass for the first run.
        if let Ok(run) = self.shared.reader.run_id().await {
            self.shared.lock().memory.on_run(run, Instant::now());
        }
        loop {
            let next_end = self.shared.lock().next_end();
            let end = next_end.map_or_else(|| Instant::now() + FAR, |end| end + AFTER_END);
            tokio::select! {
                _ = round.tick() => self.ask_all(),
                () = self.shared.due.notified() => {}
                () = sleep_until(end) => {}
            }
            let result = self.read_due(&on_news).await;
            note_availability(&mut was_down, result.as_ref().err(), "rechecks of live sessions");
            match result {
                Ok(None) => {}
                Ok(Some(held_until)) => {
                    let left = held_until.saturating_duration_since(Instant::now()) + AFTER_END;
                    round.reset_after(left.min(period));
                }
                Err(_) => {
                    // Nobody is cut for what nobody knows.
                    self.shared.lock().ask_nothing();
                    round.reset_after(RETRY.min(period));
                }
            }
        }
    }

    fn ask_all(&self) {
        let mut index = self.shared.lock();
        index.ask_all();
        let live = index.len();
        drop(index);
        self.shared.metrics.live.set(i64::try_from(live).unwrap_or(i64::MAX));
    }

    /// Reads what is to be read, batch by batch, and acts on it. Tells until when something of it is held.
    async fn read_due(&self, on_news: &(impl Fn(News) + Send + Sync)) -> Result<Option<Instant>, Unavailable> {
        let mut held_until = None;
        loop {
            let (batch, until) = self.shared.lock().take_due(Instant::now(), BATCH);
            if batch.is_empty() {
                return Ok(held_until);
            }
            let metrics = &self.shared.metrics;
            let readings = self.shared.reader.read_all(&batch).await;
            let readings = readings.inspect_err(|_| metrics.failed(batch.len()))?;
            // Asked afterwards: readings of a run that has ended since are held for nothing, the reverse would cut everybody.
            let run = self.shared.reader.run_id().await?;
            let now = Instant::now();
            self.shared.lock().memory.on_run(run, now);
            for (session, reading) in batch.iter().zip(readings) {
                metrics.rechecked(&reading);
                let verdict = self.shared.lock().judge(session, &reading, until, now);
                for (socket, mailbox, reason) in verdict.ended {
                    metrics.ended(reason);
                    mailbox.end(Some(socket), EndReason::SessionEnded(reason));
                }
                if let Some(renamed) = verdict.renamed {
                    on_news(News::Renamed(renamed));
                }
                if let Some(moved) = verdict.moved {
                    on_news(News::Moved(moved));
                }
                held_until = held_until.max(verdict.held_until);
                if verdict.is_left_watched {
                    self.shared.unwatch(session);
                }
            }
        }
    }
}
