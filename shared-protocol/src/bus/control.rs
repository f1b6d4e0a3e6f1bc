//! Orders to every instance: small JSON objects with a version `v` and a `kind`.

use serde::{Deserialize, Serialize};

use super::ControlError;

const VERSION: u32 = 1;

/// An order to all instances.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all_fields = "camelCase")]
pub enum Control {
    /// Live deliveries may have been lost: every instance sends `sync:required` to its sockets, spread over time.
    #[serde(rename = "sync:required")]
    SyncRequired {
        /// The instance whose deliveries they were.
        instance: String,
        /// What happened to them.
        reason: SyncReason,
    },
    /// A user's session now belongs to another tenant: forget what is cached of that person.
    #[serde(rename = "user:moved")]
    UserMoved {
        /// The user's id.
        user_id: String,
    },
    /// A user was erased: cut the sockets and forget what is cached of that person.
    #[serde(rename = "user:erased")]
    UserErased {
        /// The user's id, which names one person across all tenants.
        user_id: String,
    },
}

/// Why live deliveries may have been lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SyncReason {
    /// More deliveries waited for the bus to return than the instance keeps.
    Overflow,
    /// The instance died between a commit and its delivery.
    InstanceReaped,
    /// A reason that a later version knows.
    #[serde(other)]
    Unknown,
}

#[derive(Serialize)]
struct Versioned<'a> {
    v: u32,
    #[serde(flatten)]
    control: &'a Control,
}

/// What every version has.
#[derive(Deserialize)]
struct Head<'a> {
    v: u32,
    #[serde(borrow)]
    kind: std::borrow::Cow<'a, str>,
}

impl Control {
    /// The kinds that [`decode`](Self::decode) knows.
    const KINDS: [&'static str; 3] = ["sync:required", "user:moved", "user:erased"];

    /// The text to publish.
    pub fn encode(&self) -> String {
        // Strings in a struct cannot fail to serialise; receivers would count an empty text as malformed.
        serde_json::to_string(&Versioned {
            v: VERSION,
            control: self,
        })
        .unwrap_or_default()
    }

    /// Reads an order. `None`: of a kind that this instance does not know, and so cannot be meant to follow.
    pub fn decode(json: &[u8]) -> Result<Option<Self>, ControlError> {
        let head: Head<'_> = serde_json::from_slice(json)?;
        if head.v > VERSION {
            return Err(ControlError::NewerVersion(head.v));
        }
        if !Self::KINDS.contains(&&*head.kind) {
            return Ok(None);
        }
        Ok(Some(serde_json::from_slice(json)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_have_one_text_form() {
        let cases = [
            (
                Control::SyncRequired {
                    instance: "i-1".into(),
                    reason: SyncReason::Overflow,
                },
                r#"{"v":1,"kind":"sync:required","instance":"i-1","reason":"overflow"}"#,
            ),
            (
                Control::SyncRequired {
                    instance: "i".into(),
                    reason: SyncReason::InstanceReaped,
                },
                r#"{"v":1,"kind":"sync:required","instance":"i","reason":"instance_reaped"}"#,
            ),
            (
                Control::UserMoved { user_id: "u-1".into() },
                r#"{"v":1,"kind":"user:moved","userId":"u-1"}"#,
            ),
            (
                Control::UserErased { user_id: "u\"1".into() },
                r#"{"v":1,"kind":"user:erased","userId":"u\"1"}"#,
            ),
        ];
        for (control, json) in cases {
            assert_eq!(control.encode(), json);
            assert_eq!(Control::decode(json.as_bytes()).expect("valid"), Some(control));
        }
    }

    #[test]
    fn later_versions_are_tolerated() {
        let decode = |json: &str| Control::decode(json.as_bytes());
        assert!(matches!(decode(r#"{"v":1,"kind":"new","x":1}"#), Ok(None)));
        assert!(matches!(
            decode(r#"{"v":2,"kind":"user:erased"}"#),
            Err(ControlError::NewerVersion(2))
        ));
        assert_eq!(
            decode(r#"{"v":1,"kind":"sync:required","instance":"i","reason":"moon","x":[]}"#).expect("valid"),
            Some(Control::SyncRequired {
                instance: "i".into(),
                reason: SyncReason::Unknown
            })
        );
    }

    #[test]
    fn malformed_orders_are_refused() {
        for json in [
            "",
            "[]",
            "{}",
            "{\"v\":1}",
            r#"{"v":1,"kind":"user:erased"}"#,
            r#"{"v":-1,"kind":"x"}"#,
            "\u{ff}",
        ] {
            assert!(
                matches!(Control::decode(json.as_bytes()), Err(ControlError::Malformed(_))),
                "{json}"
            );
        }
    }
}
