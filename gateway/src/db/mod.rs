//! The two stores: connections, the schema, and every Redis key in one place.

mod health;
pub mod keys;
pub mod postgres;
mod redis_commands;

pub use health::Health;
pub use redis_commands::{Redis, RedisError};
