//! The two stores: connections, the schema, and every Redis key in one place.

pub mod keys;
pub mod postgres;
mod redis_commands;

pub use redis_commands::{Redis, RedisError};
