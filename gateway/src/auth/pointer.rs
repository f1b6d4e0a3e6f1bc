//! JSON pointers over text that stays text: a number is what its digits say, not what a float makes of it.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The value that an RFC 6901 pointer leads to. `null` counts as absent.
pub(super) fn find<'a>(document: &'a RawValue, pointer: &str) -> Option<&'a RawValue> {
    let mut value = document;
    for token in pointer.split('/').skip(1) {
        let name = token.replace("~1", "/").replace("~0", "~");
        value = Step(&name)
            .deserialize(&mut serde_json::Deserializer::from_str(value.get()))
            .ok()??;
    }
    (value.get() != "null").then_some(value)
}

/// A string's text, or an integer's digits as they stand. Floats, exponents and everything else are no text.
pub(super) fn exact_text(value: &RawValue) -> Option<String> {
    let raw = value.get();
    if raw.starts_with('"') {
        return serde_json::from_str(raw).ok();
    }
    let digits = raw.strip_prefix('-').unwrap_or(raw);
    let is_integer = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_integer.then(|| raw.to_owned())
}

/// The items of a list, for roles.
pub(super) fn items(value: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(value.get()).ok()
}

/// One step down: the member of an object, the last one of that name as JavaScript has it, or the item of a list.
struct Step<'n>(&'n str);

impl<'de> DeserializeSeed<'de> for Step<'_> {
    type Value = Option<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Step<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(name) = map.next_key::<String>()? {
            if name == self.0 {
                found = Some(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let wanted = self.0.parse::<usize>().ok().filter(|index| index.to_string() == self.0);
        let (mut at, mut found) = (0, None);
        while let Some(value) = seq.next_element()? {
            if Some(at) == wanted {
                found = Some(value);
            }
            at += 1;
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_lead_to_exact_text() {
        let json = r#"{"user":{"id":9007199254740993,"a/b":{"~":"tilde"},"list":[1,{"x":"deep"}],"no":null,
            "float":1.0,"exp":1e3,"neg":-7,"bool":true,"text":"1e3","esc":"\u0041"},"id":1,"id":2}"#;
        let document: &RawValue = serde_json::from_str(json).unwrap();
        for (pointer, text) in [
            ("/user/id", Some("9007199254740993")),
            ("/user/a~1b/~0", Some("tilde")),
            ("/user/list/0", Some("1")),
            ("/user/list/1/x", Some("deep")),
            ("/user/list/01", None),
            ("/user/list/9", None),
            ("/user/neg", Some("-7")),
            ("/user/text", Some("1e3")),
            ("/user/esc", Some("A")),
            ("/id", Some("2")),
            ("/user/no", None),
            ("/user/float", None),
            ("/user/exp", None),
            ("/user/bool", None),
            ("/user", None),
            ("/user/id/x", None),
            ("/nobody", None),
        ] {
            let found = find(document, pointer).and_then(exact_text);
            assert_eq!(found.as_deref(), text, "{pointer}");
        }
    }
}
