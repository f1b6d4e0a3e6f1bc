//! Private servers for the Rust tests.

pub mod postgres;
