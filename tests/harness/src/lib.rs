//! Private servers for the Rust tests.

pub mod postgres;
pub mod redis;
