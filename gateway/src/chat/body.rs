//! What a client may send as a message.

use shared_protocol::events::ClientMessageId;

use super::error::ChatError;

/// A body and its name, both checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub(super) body: String,
    pub(super) client_message_id: ClientMessageId,
}

impl Draft {
    /// Checks both; `body_max` counts Unicode scalar values.
    pub(super) fn new(body: String, client_message_id: &str, body_max: usize) -> Result<Self, ChatError> {
        let client_message_id = ClientMessageId::parse(client_message_id)
            .map_err(|fault| ChatError::invalid("clientMessageId", id_fault(fault)))?;
        // Every scalar value has at least one byte: the common case needs no count.
        if body.len() > body_max && body.chars().nth(body_max).is_some() {
            return Err(ChatError::BodyTooLong { max: body_max });
        }
        if body.chars().all(char::is_whitespace) {
            return Err(ChatError::invalid("body", "must not be empty"));
        }
        // Postgres cannot hold it.
        if body.contains('\0') {
            return Err(ChatError::invalid("body", "must not contain a NUL character"));
        }
        Ok(Self {
            body,
            client_message_id,
        })
    }
}

fn id_fault(fault: shared_protocol::events::IdError) -> &'static str {
    match fault {
        shared_protocol::events::IdError::Length => "must have 1 to 64 characters",
        shared_protocol::events::IdError::Alphabet => "must be visible ASCII",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(body: &str) -> Result<Draft, ChatError> {
        Draft::new(body.to_owned(), "m1", 4)
    }

    #[test]
    fn a_body_is_measured_in_scalar_values() {
        for good in ["a", "abcd", "😀😀😀😀", " a ", "\u{feff}"] {
            assert_eq!(draft(good).unwrap().body, good);
        }
        for long in ["abcde", "😀😀😀😀😀", "     "] {
            assert_eq!(draft(long), Err(ChatError::BodyTooLong { max: 4 }), "{long:?}");
        }
    }

    #[test]
    fn an_empty_body_and_a_nul_name_their_field() {
        for bad in ["", " ", "\n\t ", "\u{3000}", "a\0"] {
            assert!(
                matches!(draft(bad), Err(ChatError::Invalid { field: "body", .. })),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn a_client_message_id_is_1_to_64_visible_ascii_characters() {
        for good in ["a", "tab:1", &"x".repeat(64)] {
            assert!(Draft::new("a".into(), good, 4).is_ok());
        }
        for bad in ["", "a b", "ä", "\u{7f}", &"x".repeat(65)] {
            assert!(
                matches!(
                    Draft::new("a".into(), bad, 4),
                    Err(ChatError::Invalid {
                        field: "clientMessageId",
                        ..
                    })
                ),
                "{bad:?}"
            );
        }
    }
}
