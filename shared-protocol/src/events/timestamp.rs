//! Times on the wire: RFC 3339, UTC, always three digits of milliseconds.

use std::fmt;

use chrono::{DateTime, Datelike as _, SecondsFormat, SubsecRound, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment, cut to the millisecond that the wire and the database keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(test, derive(ts_rs::TS), ts(type = "string"))]
pub struct Timestamp(DateTime<Utc>);

impl Timestamp {
    /// Cuts what is finer than a millisecond, so that a value equals itself after a trip through the database.
    pub fn new(time: DateTime<Utc>) -> Self {
        Self(time.trunc_subsecs(3))
    }

    /// The moment that many milliseconds after 1970; `None` beyond what a calendar holds.
    pub fn from_millis(millis: i64) -> Option<Self> {
        DateTime::from_timestamp_millis(millis).map(Self)
    }

    /// Milliseconds after 1970.
    pub fn as_millis(self) -> i64 {
        self.0.timestamp_millis()
    }

    /// As the calendar type.
    pub fn to_utc(self) -> DateTime<Utc> {
        self.0
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let time = DateTime::<Utc>::deserialize(deserializer)?;
        // The parser takes more digits, with a sign; RFC 3339 does not, and no database holds all of those years.
        if !(0..=9999).contains(&time.year()) {
            return Err(serde::de::Error::custom("the year must have four digits"));
        }
        Ok(Self::new(time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_are_always_there() {
        let time = Timestamp::from_millis(1_000).unwrap();
        assert_eq!(serde_json::to_string(&time).unwrap(), r#""1970-01-01T00:00:01.000Z""#);
        let finer: Timestamp = serde_json::from_str(r#""2026-11-24T02:44:45.123999Z""#).unwrap();
        assert_eq!(finer.to_string(), "2026-11-24T02:44:45.123Z");
    }

    #[test]
    fn a_year_has_four_digits() {
        let read = |text: &str| serde_json::from_str::<Timestamp>(&format!("\"{text}-01-02T00:00:00Z\"")).is_ok();
        for good in ["0000", "1970", "9999"] {
            assert!(read(good), "{good}");
        }
        for bad in ["+10000", "-0001", "+262142", "-262143", "10000"] {
            assert!(!read(bad), "{bad}");
        }
    }
}
