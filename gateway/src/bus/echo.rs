//! What an instance says to itself: it goes the way of every message, through the publisher's queue, Redis and the subscriber, and so
//! tells how long that takes, on one clock. It also keeps both links from idling.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::Publication;

/// How often.
pub(super) const PERIOD: Duration = Duration::from_secs(2);

/// See the module.
#[derive(Debug)]
pub(super) struct Echo {
    channel: String,
    began_at: Instant,
}

impl Echo {
    pub(super) fn new(channel: String) -> Self {
        Self {
            channel,
            began_at: Instant::now(),
        }
    }

    pub(super) fn channel(&self) -> &str {
        &self.channel
    }

    /// Now, as something to publish.
    pub(super) fn say(&self) -> Publication {
        Publication {
            channel: self.channel.clone(),
            payload: Bytes::from(self.began_at.elapsed().as_micros().to_string()),
        }
    }

    /// Whether something is an echo: nobody misses one that is lost, and nobody else hears one that comes.
    pub(super) fn is_on(&self, channel: &str) -> bool {
        channel == self.channel
    }

    /// How long an echo was under way. Nobody else should publish there: what makes no sense has taken no time that is known.
    pub(super) fn took(&self, payload: &[u8]) -> Option<Duration> {
        let said = std::str::from_utf8(payload).ok()?.parse().ok()?;
        self.began_at.elapsed().checked_sub(Duration::from_micros(said))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_echo_tells_how_long_it_took() {
        let echo = Echo::new("rt:echo:i".to_owned());
        let said = echo.say();
        assert!(echo.is_on(&said.channel) && !echo.is_on("rt:echo:j"));
        tokio::time::advance(Duration::from_millis(7)).await;
        assert_eq!(echo.took(&said.payload), Some(Duration::from_millis(7)));
        for junk in ["", "x", "-1", "99999999999999999999999", "7000001"] {
            assert_eq!(echo.took(junk.as_bytes()), None, "{junk}");
        }
    }
}
