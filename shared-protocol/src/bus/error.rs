//! Why a payload from the bus was refused.

/// Why bytes were no envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// Written by an instance of a later version. Not a fault: it happens during a deployment.
    #[error("envelope of version {0}, newer than this instance")]
    NewerVersion(u8),
    /// The bytes end before the parts that they announce.
    #[error("envelope is cut short")]
    Truncated,
    /// The bytes contradict the format.
    #[error("envelope is malformed")]
    Malformed,
}

impl EnvelopeError {
    /// The value of the metric label that counts this fault.
    pub const fn label(self) -> &'static str {
        match self {
            Self::NewerVersion(_) => "newer_version",
            Self::Truncated => "truncated",
            Self::Malformed => "malformed",
        }
    }
}

/// Why bytes were no control message.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// Written by an instance of a later version. Not a fault: it happens during a deployment.
    #[error("control message of version {0}, newer than this instance")]
    NewerVersion(u32),
    /// No JSON, or a field is missing or of the wrong type.
    #[error("control message is malformed: {0}")]
    Malformed(#[from] serde_json::Error),
}

impl ControlError {
    /// The value of the metric label that counts this fault.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::NewerVersion(_) => "newer_version",
            Self::Malformed(_) => "malformed",
        }
    }
}
