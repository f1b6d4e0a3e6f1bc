//! Why somebody could not be reached.

use shared_protocol::events::{AckError, ErrorCode, IdError};

use super::policy::Refusal;
use crate::db::PgError;

/// See the module.
#[derive(Debug, thiserror::Error)]
pub enum ReachError {
    /// The id is none.
    #[error("{field}: {fault}")]
    BadId {
        /// Field of the payload.
        field: &'static str,
        /// What is wrong with it.
        fault: IdError,
    },
    /// The caller named themselves.
    #[error("{field}: oneself")]
    Oneself {
        /// Field of the payload.
        field: &'static str,
    },
    /// Unknown, or out of reach.
    #[error("no such recipient")]
    NotFound,
    /// The facts cannot be had just now.
    #[error("the directory cannot be read: {0}")]
    Directory(#[from] PgError),
}

impl ReachError {
    pub(super) fn refused(field: &'static str, refusal: Refusal) -> Self {
        match refusal {
            Refusal::Oneself => Self::Oneself { field },
            Refusal::NotFound => Self::NotFound,
        }
    }
}

impl From<ReachError> for AckError {
    fn from(error: ReachError) -> Self {
        match error {
            ReachError::BadId { field, fault } => Self::invalid(field, &fault.to_string()),
            ReachError::Oneself { field } => Self::invalid(field, "must be somebody else"),
            // One text for both cases, without the id: what was asked is known to who asked.
            ReachError::NotFound => Self::new(ErrorCode::RecipientNotFound, "no such recipient"),
            ReachError::Directory(_) => Self::new(ErrorCode::Unavailable, "the database cannot be reached just now"),
        }
    }
}
