//! Route tables: what is served on which listener, and nothing else.

pub mod ops;
mod panel;
pub mod public;
