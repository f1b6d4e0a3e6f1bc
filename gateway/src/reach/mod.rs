//! Who may see and message whom.
