//! Placeholders: where in the JSON an attachment stands, `{"_placeholder":true,"num":0}` (spec §2.1).

use std::{cell::Cell, fmt};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::DecodeError;

/// Checks that every placeholder names one of `count` attachments.
///
/// The same number twice is fine, and so is an attachment that nothing names. This runs before any attachment has
/// arrived: a packet that cannot become valid is not worth a buffer.
pub(super) fn check(json: &str, count: usize) -> Result<(), DecodeError> {
    let search = Search {
        count,
        bad: &Cell::new(false),
    };
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let outcome = search.deserialize(&mut deserializer).and_then(|_| deserializer.end());
    match outcome {
        _ if search.bad.get() => Err(DecodeError::BadPlaceholder),
        Ok(()) => Ok(()),
        Err(_) => Err(DecodeError::BadPayload),
    }
}

/// A walk through any JSON value; its depth is bounded by serde_json.
#[derive(Clone, Copy)]
struct Search<'a> {
    count: usize,
    bad: &'a Cell<bool>,
}

/// As much of a value as a placeholder consists of.
enum Leaf {
    True,
    Index(u64),
    Other,
}

impl<'de> DeserializeSeed<'de> for Search<'_> {
    type Value = Leaf;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Leaf, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Search<'_> {
    type Value = Leaf;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Leaf, E> {
        Ok(if value { Leaf::True } else { Leaf::Other })
    }

    fn visit_u64<E>(self, value: u64) -> Result<Leaf, E> {
        Ok(Leaf::Index(value))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Leaf, E> {
        Ok(Leaf::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Leaf, E> {
        Ok(Leaf::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<Leaf, E> {
        Ok(Leaf::Other)
    }

    fn visit_unit<E>(self) -> Result<Leaf, E> {
        Ok(Leaf::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Leaf, A::Error> {
        while array.next_element_seed(self)?.is_some() {}
        Ok(Leaf::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Leaf, A::Error> {
        let (mut marked, mut number) = (false, Leaf::Other);
        // A key that stands twice counts as its last value, as in the reference parser.
        while let Some(key) = object.next_key_seed(KeySeed)? {
            match key {
                Key::Placeholder => marked = matches!(object.next_value_seed(self)?, Leaf::True),
                Key::Num => number = object.next_value_seed(self)?,
                Key::Other => _ = object.next_value_seed(self)?,
            }
        }
        let names_one =
            matches!(number, Leaf::Index(index) if usize::try_from(index).is_ok_and(|index| index < self.count));
        if marked && !names_one {
            self.bad.set(true);
        }
        Ok(Leaf::Other)
    }
}

enum Key {
    Placeholder,
    Num,
    Other,
}

struct KeySeed;

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed {
    type Value = Key;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Key, E> {
        Ok(match key {
            "_placeholder" => Key::Placeholder,
            "num" => Key::Num,
            _ => Key::Other,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_name_attachments_that_are_there() {
        let cases = [
            (r#"["e"]"#, 1, Ok(())),
            (r#"["e",{"_placeholder":true,"num":0}]"#, 1, Ok(())),
            (
                r#"["e",{"num":1,"_placeholder":true},{"_placeholder":true,"num":1}]"#,
                2,
                Ok(()),
            ),
            (r#"["e",{"_placeholder":false,"num":9}]"#, 1, Ok(())),
            (r#"["e",{"_placeholder":"true","num":9,"x":null}]"#, 1, Ok(())),
            (
                r#"["e",{"_placeholder":true,"num":1}]"#,
                1,
                Err(DecodeError::BadPlaceholder),
            ),
            (
                r#"["e",{"_placeholder":true,"num":-1}]"#,
                1,
                Err(DecodeError::BadPlaceholder),
            ),
            (
                r#"["e",{"_placeholder":true,"num":0.5}]"#,
                1,
                Err(DecodeError::BadPlaceholder),
            ),
            (
                r#"["e",{"_placeholder":true,"num":"splice"}]"#,
                1,
                Err(DecodeError::BadPlaceholder),
            ),
            (r#"["e",{"_placeholder":true}]"#, 1, Err(DecodeError::BadPlaceholder)),
            (
                r#"["e",{"a":[{"_placeholder":true,"num":7}]}]"#,
                2,
                Err(DecodeError::BadPlaceholder),
            ),
            (r#"["e""#, 1, Err(DecodeError::BadPayload)),
            (r#"["e"]x"#, 1, Err(DecodeError::BadPayload)),
        ];
        for (json, count, outcome) in cases {
            assert_eq!(check(json, count), outcome, "{json}");
        }
    }
}
