//! Private servers for the Rust tests.
