//! What is done to raw JSON text before and after serde sees it.

use std::fmt::Write as _;

/// How deep a payload may be nested, its outer array or object included.
///
/// The same as what serde_json decodes into a tree. Typed decoding passes over unknown fields without a limit of its
/// own, so raw JSON that is handed on is measured here.
pub const MAX_DEPTH: usize = 127;

/// What one look at a JSON text finds. On text that is no JSON the findings mean nothing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Survey {
    /// Nesting of arrays and objects.
    pub(super) depth: usize,
    /// Whether a string holds a surrogate escape without its other half.
    pub(super) lone_surrogate: bool,
}

/// Looks over a text once, before it is parsed.
pub(super) fn survey(json: &str) -> Survey {
    let bytes = json.as_bytes();
    let mut found = Survey {
        depth: 0,
        lone_surrogate: false,
    };
    let (mut depth, mut in_string, mut at) = (0_usize, false, 0);
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'"' => in_string = !in_string,
            b'\\' if in_string => match escape(bytes, at) {
                Escape::LoneSurrogate => {
                    found.lone_surrogate = true;
                    at += 5;
                }
                Escape::Of(length) => at += length,
            },
            b'[' | b'{' if !in_string => {
                depth += 1;
                found.depth = found.depth.max(depth);
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    found
}

/// Writes `\ufffd` for every surrogate escape without its other half.
///
/// `JSON.stringify` of a string that was cut inside a character yields such escapes. They are no characters, so no Rust
/// string can hold them; the contract says that a body with one loses the half character and nothing else.
pub(crate) fn replace_lone_surrogates(json: &str) -> String {
    let bytes = json.as_bytes();
    let mut repaired = String::with_capacity(json.len());
    let (mut copied, mut at) = (0, 0);
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        if byte != b'\\' {
            continue;
        }
        match escape(bytes, at) {
            Escape::LoneSurrogate => {
                repaired.push_str(json.get(copied..at).unwrap_or_default());
                repaired.push_str("ufffd");
                at += 5;
                copied = at;
            }
            Escape::Of(length) => at += length,
        }
    }
    repaired.push_str(json.get(copied..).unwrap_or_default());
    repaired
}

/// What follows a backslash.
enum Escape {
    /// An escape of as many bytes that stands for characters.
    Of(usize),
    /// `uXXXX` of half a character.
    LoneSurrogate,
}

fn escape(bytes: &[u8], at: usize) -> Escape {
    match code_unit(bytes, at) {
        Some(0xd800..=0xdbff) => match (bytes.get(at + 5), code_unit(bytes, at + 6)) {
            (Some(b'\\'), Some(0xdc00..=0xdfff)) => Escape::Of(11),
            _ => Escape::LoneSurrogate,
        },
        Some(0xdc00..=0xdfff) => Escape::LoneSurrogate,
        Some(_) => Escape::Of(5),
        None => Escape::Of(1),
    }
}

/// The number in `uXXXX`.
fn code_unit(bytes: &[u8], at: usize) -> Option<u32> {
    let [b'u', digits @ ..] = bytes.get(at..at + 5)? else {
        return None;
    };
    digits
        .iter()
        .try_fold(0, |value, &digit| Some(value * 16 + char::from(digit).to_digit(16)?))
}

/// Appends a JSON string. Cannot fail, unlike a serializer.
pub(crate) fn push_string(json: &mut String, text: &str) {
    json.push('"');
    let mut copied = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= b' ' && byte != b'"' && byte != b'\\' {
            continue;
        }
        json.push_str(text.get(copied..at).unwrap_or_default());
        copied = at + 1;
        match byte {
            b'"' => json.push_str("\\\""),
            b'\\' => json.push_str("\\\\"),
            b'\n' => json.push_str("\\n"),
            b'\r' => json.push_str("\\r"),
            b'\t' => json.push_str("\\t"),
            // Writing to a String does not fail.
            _ => _ = write!(json, "\\u{byte:04x}"),
        }
    }
    json.push_str(text.get(copied..).unwrap_or_default());
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lone_surrogates_become_replacement_characters() {
        let cases = [
            (r#"["\ud800"]"#, r#"["\ufffd"]"#),
            (r#"["a\uD83Dz"]"#, r#"["a\ufffdz"]"#),
            (r#"["\udc00\ud800"]"#, r#"["\ufffd\ufffd"]"#),
            (r#"["\ud800\ud83d\ude00"]"#, r#"["\ufffd\ud83d\ude00"]"#),
            (r#"["\ud800\n"]"#, r#"["\ufffd\n"]"#),
            (r#"["\ud800\\ude00"]"#, r#"["\ufffd\\ude00"]"#),
            (r#"{"\udfff":1}"#, r#"{"\ufffd":1}"#),
        ];
        for (json, repaired) in cases {
            assert!(survey(json).lone_surrogate, "{json}");
            assert_eq!(replace_lone_surrogates(json), repaired);
            serde_json::from_str::<serde_json::Value>(repaired).expect("repaired JSON");
        }
    }

    #[test]
    fn other_escapes_stay() {
        for json in [
            r#"["\ud83d\ude00"]"#,
            r#"["\\ud800"]"#,
            r#"["\\\\ud800","\u00e9\"\/"]"#,
            "[]",
        ] {
            assert!(!survey(json).lone_surrogate, "{json}");
            assert_eq!(replace_lone_surrogates(json), json);
        }
    }

    #[test]
    fn broken_escapes_do_not_panic() {
        for json in [
            "\"\\",
            "\"\\u",
            "\"\\ud8",
            "\"\\ud800",
            "\"\\ud800\\",
            "\"\\ud800\\udc0",
            "\"\\é\"",
            "\\uzzzz",
        ] {
            survey(json);
            replace_lone_surrogates(json);
        }
    }

    #[test]
    fn depth_counts_outside_of_strings_only() {
        let cases = [
            ("1", 0),
            ("[]", 1),
            (r#"[{"a":[]},[]]"#, 3),
            (r#"["[[[\"[[["]"#, 1),
            ("]]]", 0),
        ];
        for (json, depth) in cases {
            assert_eq!(survey(json).depth, depth, "{json}");
        }
    }

    #[test]
    fn depth_limit_is_that_of_a_tree() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(serde_json::from_str::<serde_json::Value>(&nested(MAX_DEPTH)).is_ok());
        assert!(serde_json::from_str::<serde_json::Value>(&nested(MAX_DEPTH + 1)).is_err());
    }

    #[test]
    fn strings_are_written_as_serde_writes_them() {
        for text in [
            "",
            "plain",
            "a\"b\\c/",
            "\n\r\t\u{8}\u{c}\0\u{1f}",
            "é\u{2028}\u{1F600}\u{7f}",
        ] {
            let mut json = String::new();
            push_string(&mut json, text);
            assert_eq!(serde_json::from_str::<String>(&json).expect("a JSON string"), text);
        }
    }
}
