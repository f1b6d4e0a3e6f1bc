//! Messages: written in batches, read in pages.
//!
//! The road of a message: [`ChatService::validate`] → reach verdict → [`ChatService::submit`] (queued, in order) → [`Writer`]
//! (one round trip and one commit a batch) → announced on the bus → acknowledged. Authorise, persist, publish, acknowledge:
//! in that order always.

mod announce;
mod append;
mod batch;
mod body;
mod conversations;
mod drivers;
mod error;
mod history;
mod lane;
mod marks;
mod metrics;
mod page;
mod pending;
mod row;
mod service;
mod sync;
mod sync_plan;
mod unread;
mod unsettled;
mod writer;

#[cfg(test)]
mod tests;

pub use announce::{Announce, Announcement, announce_on_bus};
pub use body::Draft;
pub use drivers::Drivers;
pub use error::ChatError;
pub use marks::{MarkKind, RisenMark};
pub use metrics::ChatMetrics;
pub use pending::{PendingMessage, Stored};
pub use service::ChatService;
