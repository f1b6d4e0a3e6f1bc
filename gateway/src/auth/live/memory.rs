//! Whether Redis still has what it had.
//!
//! A Redis that was restarted empty holds no session any more, and usually gets them back from a copy a moment later. An absence
//! in it is no logout: whoever was last read in an earlier run of the server is left alone for a while.

use std::time::Duration;

use tokio::time::Instant;

/// For which absences mean nothing after a restart; as long as the presence of whoever is missing is held by default.
pub(super) const HOLD: Duration = Duration::from_secs(30);

/// A run of the server, counted from the first that was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Run(u32);

#[derive(Debug, Default)]
pub(super) struct Memory {
    id: Option<String>,
    run: Run,
    held_until: Option<Instant>,
}

impl Memory {
    /// The run that readings are from now.
    pub(super) fn run(&self) -> Run {
        self.run
    }

    /// The server said which run it is; `None`: it does not say.
    pub(super) fn on_run(&mut self, id: Option<String>, now: Instant) {
        let Some(id) = id else { return };
        let former = self.id.replace(id);
        if former.is_some() && former != self.id {
            self.run.0 += 1;
            self.held_until = Some(now + HOLD);
            tracing::warn!("redis was restarted: sessions that it lost are given time to come back");
        }
    }

    /// Until when the absence of a session means nothing that was last there in `seen`; `None`: it is gone.
    pub(super) fn held_until(&self, seen: Run, now: Instant) -> Option<Instant> {
        self.held_until.filter(|until| seen < self.run && now < *until)
    }
}

#[cfg(test)]
impl Memory {
    /// Whether the server has said which run it is.
    pub(super) fn is_known(&self) -> bool {
        self.id.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absence_means_nothing_for_a_while_after_a_restart() {
        let (mut memory, start) = (Memory::default(), Instant::now());
        let before = memory.run();
        for id in [Some("a"), None, Some("a")] {
            memory.on_run(id.map(str::to_owned), start);
            assert_eq!(memory.held_until(before, start), None, "nothing was lost");
        }
        memory.on_run(Some("b".to_owned()), start);
        assert_eq!(memory.held_until(before, start), Some(start + HOLD));
        assert_eq!(memory.held_until(before, start + HOLD), None);
        assert_eq!(memory.held_until(memory.run(), start), None, "it was there since");
    }
}
