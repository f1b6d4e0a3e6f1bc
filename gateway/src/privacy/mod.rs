//! What an operator does for people's privacy: erasing what one user wrote, and deleting what is old.
//!
//! Beside running gateways, in batches of bounded size and time, each committed by itself: cut off at any point, a second run goes
//! on where the first one ended.

mod erase;
mod prune;
#[cfg(test)]
mod tests;

pub use erase::{Erased, ErasureError, Patience, erase_user};
pub use prune::{Pruned, prune};

/// Rows of one statement. A thousand rewritten rows take some tens of milliseconds, and nobody waits for their locks: messages
/// are only ever added.
const BATCH: i64 = 1_000;
