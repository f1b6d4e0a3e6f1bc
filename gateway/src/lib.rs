//! A standalone realtime gateway beside an existing API: online presence and one-to-one chat over Socket.IO.
//!
//! Modules stand in layer order; a module may use those above it in this list, within the table that
//! `tests/import_layers.rs` enforces. `ARCHITECTURE.md` tells how and why.

pub mod config;
pub mod telemetry;

pub mod bus;
pub mod db;
pub mod hub;

pub mod auth;
pub mod reach;

pub mod chat;
pub mod presence;
pub mod privacy;

pub mod socket;

pub mod transport;

pub mod http;

pub mod app;
pub mod lifecycle;
