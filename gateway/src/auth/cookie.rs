//! Finds one cookie in raw `Cookie` headers, as the API's own parser would.
//!
//! The raw bytes are read here, and decoded once: a framework that decodes too would turn `%2525` into `%`.

/// Bytes of `Cookie` headers that are looked at. Servers cap all headers at about this much anyway.
const SCANNED_BYTES_MAX: usize = 64 * 1024;

/// The decoded value of the first cookie of that name. An empty value is a cookie that is there.
pub(super) fn find<'a>(headers: impl IntoIterator<Item = &'a [u8]>, name: &str) -> Option<String> {
    let mut left = SCANNED_BYTES_MAX;
    for header in headers {
        let scanned = &header[..header.len().min(left)];
        left -= scanned.len();
        for pair in scanned.split(|byte| *byte == b';') {
            let Some(equals) = pair.iter().position(|byte| *byte == b'=') else {
                continue;
            };
            if trim(&pair[..equals]) == name.as_bytes() {
                return Some(percent_decoded(unquote(trim(&pair[equals + 1..]))));
            }
        }
    }
    None
}

fn trim(bytes: &[u8]) -> &[u8] {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = bytes.iter().position(|byte| !blank(byte)).unwrap_or(bytes.len());
    let end = bytes
        .iter()
        .rposition(|byte| !blank(byte))
        .map_or(start, |last| last + 1);
    &bytes[start..end]
}

fn unquote(value: &[u8]) -> &[u8] {
    value
        .strip_prefix(b"\"")
        .and_then(|rest| rest.strip_suffix(b"\""))
        .unwrap_or(value)
}

/// Decodes `%41` once; `+` stays, an escape that is none stays, and so does the whole text when it would be no UTF-8.
pub(super) fn percent_decoded(value: &[u8]) -> String {
    match percent_encoding::percent_decode(value).decode_utf8() {
        Ok(decoded) => decoded.into_owned(),
        Err(_) => String::from_utf8_lossy(value).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(headers: &[&[u8]]) -> Option<String> {
        find(headers.iter().copied(), "sid")
    }

    #[test]
    fn the_first_of_that_name_wins() {
        for (headers, value) in [
            (&[&b"sid=a; sid=b"[..]][..], Some("a")),
            (&[b"x=1", b"sid=a", b"sid=b"], Some("a")),
            (&[b"sid=; sid=b"], Some("")),
            (&[b"SID=a; sidx=b; xsid=c"], None),
            (&[b"sid"], None),
            (&[b""], None),
            (&[], None),
        ] {
            assert_eq!(found(headers).as_deref(), value, "{headers:?}");
        }
    }

    #[test]
    fn junk_around_it_is_passed_over() {
        for header in [
            &b";;; =; a; =x; sid=v ;"[..],
            b"\xff\xfe=\xff; sid=v",
            b"a=\"x; sid=v",
            b" \t sid \t=\t v \t",
            b"sid=\"v\"",
            b"x=caf\xc3\xa9;sid=v",
        ] {
            assert_eq!(found(&[header]).as_deref(), Some("v"), "{header:?}");
        }
    }

    #[test]
    fn percent_escapes_are_decoded_exactly_once() {
        for (raw, value) in [
            (&b"a%2Bb%2Fc%3D"[..], "a+b/c="),
            (b"a+b", "a+b"),
            (b"%2541", "%41"),
            (b"100%", "100%"),
            (b"%4", "%4"),
            (b"%zz%41%", "%zzA%"),
            (b"%%41", "%A"),
            (b"%c3%a9", "é"),
            (b"%ff%41", "%ff%41"),
            (b"\xff", "\u{fffd}"),
        ] {
            let header = [b"sid=", raw].concat();
            assert_eq!(found(&[&header]).as_deref(), Some(value));
        }
    }

    #[test]
    fn endless_headers_are_not_read_to_their_end() {
        let filler = vec![b'x'; SCANNED_BYTES_MAX];
        assert_eq!(found(&[&filler, b"sid=late"]), None);
        assert_eq!(found(&[b"sid=early", &filler]).as_deref(), Some("early"));
    }
}
