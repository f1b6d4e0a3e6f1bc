//! Who may see and message whom: a pure policy over facts, and the directory that the facts come from.
//!
//! [`Reachable`] and [`Readable`] can be built here alone, and chat takes nothing else: a forgotten check does not compile.

mod authorise;
mod cache;
mod directory;
mod error;
mod policy;
mod search;
mod seen;
mod store;

#[cfg(test)]
mod tests;

pub use directory::{Directory, DirectoryWriter, Found};
pub use error::ReachError;
pub use policy::{Caller, Reachable, ReadFacts, Readable, Refusal, SendFacts, may_read, may_send};
