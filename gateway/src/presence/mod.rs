//! Who is online.
//!
//! Truth lies in Redis, one realm (a tenant, or the staff) at a time: each instance writes which users it holds, and the scripts
//! that write it also tell the change, in one atomic step. Every instance that has sockets of a realm follows its changes by
//! version and keeps a replica, from which lists, snapshots and diffs are served.
//!
//! | file | what it holds |
//! |---|---|
//! | `service` | the way in: join, leave, list, watch |
//! | `registry` → `writer` | sockets of this instance → batches to Redis, and the heartbeat |
//! | `follower` → `replica` → `scope` | what Redis tells → state of a realm by version → who is told, and how |
//! | `window` | net changes of a short time |
//! | `sweeper` | graces that ran out, instances that died |
//! | `roster` | what operators see of it, read only |
//! | `scripts` | every change of the state in Redis |
//!
//! Nothing here spawns: [`Presence::run`] is one future, which the application drives.

mod change;
mod error;
mod follower;
mod inner;
mod list;
mod metrics;
mod options;
mod registry;
mod replica;
mod reports;
mod roster;
mod scope;
mod service;
mod staff;
mod store;
mod sweeper;
mod tenants;
mod timers;
mod views;
mod window;
mod writer;

pub use error::PresenceError;
pub use metrics::PresenceMetrics;
pub use options::{ChangeFeed, Departure, Loss, PresenceHooks, PresenceOptions};
pub use roster::{Lease, Place, Present, Roster, roster};
pub use service::Presence;

#[cfg(test)]
mod tests;
