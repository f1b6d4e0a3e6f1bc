//! Private servers for the Rust tests.

pub mod redis;
