//! The two stores: connections, the schema, and every Redis key in one place.

mod health;
mod inspect_postgres;
mod inspect_redis;
pub mod keys;
pub mod migrations;
pub mod postgres;
mod redis_commands;
pub mod schema;
mod statement;
mod tls;

pub use health::Health;
pub use inspect_postgres::PostgresFindings;
pub use inspect_redis::RedisFindings;
pub use postgres::{PgError, Postgres};
pub use redis_commands::{Redis, RedisError};
pub(crate) use statement::statement;
pub use tls::TlsError;
