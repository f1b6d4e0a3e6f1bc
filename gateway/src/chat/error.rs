//! Why a chat event did not take effect.

use shared_protocol::events::{AckError, ErrorCode};

use crate::db::PgError;

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChatError {
    /// A field that is wrong, and how.
    #[error("{field}: {fault}")]
    Invalid {
        /// Field of the payload.
        field: &'static str,
        /// What is wrong with it.
        fault: String,
    },
    /// The body is too long.
    #[error("body: more than {max} characters")]
    BodyTooLong {
        /// Unicode scalar values it may have.
        max: usize,
    },
    /// The same `clientMessageId` was used for somebody else.
    #[error("clientMessageId: used for another recipient")]
    ReusedId,
    /// More messages wait to be written than may.
    #[error("the writer's queue is full")]
    QueueFull,
    /// Postgres is away, hangs, or gave no answer in time. What was being written may or may not be there.
    #[error("postgres is away")]
    Outage,
    /// Postgres refused this very message.
    #[error("postgres refused the message")]
    Rejected,
    /// A row is not what this code believes that it must be.
    #[error("a stored row makes no sense: {0}")]
    Inconsistent(&'static str),
}

impl ChatError {
    /// For metrics.
    pub(super) const fn label(&self) -> &'static str {
        match self {
            Self::Invalid { .. } | Self::BodyTooLong { .. } => "invalid",
            Self::ReusedId => "reused_id",
            Self::QueueFull => "queue_full",
            Self::Outage => "unavailable",
            Self::Rejected | Self::Inconsistent(_) => "internal",
        }
    }

    /// A field that is wrong, and how.
    pub(super) fn invalid(field: &'static str, fault: impl Into<String>) -> Self {
        Self::Invalid {
            field,
            fault: fault.into(),
        }
    }
}

impl From<PgError> for ChatError {
    fn from(error: PgError) -> Self {
        if error.is_outage() {
            tracing::debug!(%error, "a chat statement got no answer");
            return Self::Outage;
        }
        tracing::error!(%error, "postgres refused a chat statement");
        Self::Rejected
    }
}

impl From<ChatError> for AckError {
    fn from(error: ChatError) -> Self {
        match error {
            ChatError::Invalid { field, fault } => Self::invalid(field, &fault),
            ChatError::BodyTooLong { max } => Self::new(
                ErrorCode::BodyTooLong,
                format!("body: must have at most {max} characters"),
            ),
            ChatError::ReusedId => Self::invalid("clientMessageId", "was used for another recipient"),
            ChatError::QueueFull | ChatError::Outage => {
                Self::new(ErrorCode::Unavailable, "the database cannot be reached just now")
            }
            ChatError::Rejected | ChatError::Inconsistent(_) => Self::new(ErrorCode::Internal, "could not be done"),
        }
    }
}
