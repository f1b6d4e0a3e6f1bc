//! When things are due in an open loop: at a steady rate, whether the server keeps up or not.

use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// So many a second, until that many have been due or nobody listens any more. What comes out is the moment at which each one *should*
/// happen: a latency that is counted from there leaves no wait out.
///
/// A thread of its own, since a runtime's timers round up to a millisecond, which is more than what is measured.
pub(crate) fn steady(per_second: f64, how_many: u64) -> UnboundedReceiver<Instant> {
    let (sender, receiver) = unbounded_channel();
    thread::spawn(move || {
        let began = Instant::now();
        for at in 0..how_many {
            #[expect(clippy::cast_precision_loss, reason = "counts of a run are far below 2^52")]
            let due = began + Duration::from_secs_f64(at as f64 / per_second);
            #[expect(clippy::disallowed_methods, reason = "a thread that does nothing else")]
            thread::sleep(due.saturating_duration_since(Instant::now()));
            if sender.send(due).is_err() {
                return;
            }
        }
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn due_times_keep_their_rate_however_late_they_are_taken() {
        let mut due = steady(10_000.0, 50);
        let first = due.recv().await.unwrap();
        // As behind a server that hangs.
        while due.len() < 49 {
            tokio::task::yield_now().await;
        }
        for at in 1..50 {
            let since_first = due.recv().await.unwrap().duration_since(first);
            assert!(since_first.abs_diff(Duration::from_micros(100) * at) < Duration::from_micros(1));
        }
        assert_eq!(due.recv().await, None);
    }
}
