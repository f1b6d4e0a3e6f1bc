//! Points in time: MessagePack's extension −1, which is what becomes of a `Date` (spec §3.1).

use chrono::{DateTime, Datelike as _, SecondsFormat, Utc};

/// The extension's type.
pub(super) const TYPE: i8 = -1;

/// The text that `Date.prototype.toJSON` gives; `None`, and so null, for what is no date. Dates end at the year ±262142,
/// a little before JavaScript's.
pub(super) fn text(bytes: &[u8]) -> Option<String> {
    let time = read(bytes)?;
    if (0..=9999).contains(&time.year()) {
        return Some(time.to_rfc3339_opts(SecondsFormat::Millis, true));
    }
    // Other years have a sign and six digits.
    Some(format!("{:+07}{}", time.year(), time.format("-%m-%dT%H:%M:%S%.3fZ")))
}

/// Seconds in 4 bytes; nanoseconds and seconds in 30 + 34 bits; or nanoseconds in 4 and signed seconds in 8 bytes.
fn read(bytes: &[u8]) -> Option<DateTime<Utc>> {
    let (seconds, nanoseconds) = match bytes.len() {
        4 => (i64::from(u32::from_be_bytes(bytes.try_into().ok()?)), 0),
        8 => {
            let both = u64::from_be_bytes(bytes.try_into().ok()?);
            (
                i64::try_from(both & 0x3_ffff_ffff).ok()?,
                u32::try_from(both >> 34).ok()?,
            )
        }
        12 => {
            let (nanoseconds, seconds) = bytes.split_first_chunk()?;
            (
                i64::from_be_bytes(seconds.try_into().ok()?),
                u32::from_be_bytes(*nanoseconds),
            )
        }
        _ => return None,
    };
    DateTime::from_timestamp(seconds, nanoseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_read_as_javascript_writes_them() {
        let twelve =
            |nanoseconds: u32, seconds: i64| [&nanoseconds.to_be_bytes()[..], &seconds.to_be_bytes()[..]].concat();
        let eight = |nanoseconds: u64, seconds: u64| (nanoseconds << 34 | seconds).to_be_bytes().to_vec();
        let cases = [
            (0_u32.to_be_bytes().to_vec(), Some("1970-01-01T00:00:00.000Z")),
            (
                1_795_488_285_u32.to_be_bytes().to_vec(),
                Some("2026-11-24T02:44:45.000Z"),
            ),
            (eight(123_000_000, 1_795_488_285), Some("2026-11-24T02:44:45.123Z")),
            (twelve(1_000_000, -1), Some("1969-12-31T23:59:59.001Z")),
            (twelve(0, -62_198_755_200), Some("-000001-01-01T00:00:00.000Z")),
            (twelve(0, 253_402_300_800), Some("+010000-01-01T00:00:00.000Z")),
            (twelve(0, 8_640_000_000_000), None),
            (twelve(0, i64::MAX), None),
            (twelve(u32::MAX, 0), None),
            (vec![1, 2, 3], None),
            (vec![], None),
        ];
        for (bytes, expected) in cases {
            assert_eq!(text(&bytes).as_deref(), expected, "{bytes:?}");
        }
    }
}
