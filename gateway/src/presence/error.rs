//! What can go wrong.

/// Why a socket could not join.
#[derive(Debug, thiserror::Error)]
pub enum PresenceError {
    /// Redis did not take the user, or did not tell who else is there, in time.
    #[error("redis did not answer in time")]
    Unavailable,
}
