//! The Postgres pool.
