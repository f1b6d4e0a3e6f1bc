//! Redis: `REDIS_URL`, `REALTIME_REDIS_PREFIX`, `REALTIME_ADAPTER_KEY`.

use super::Secret;

/// See the module.
#[derive(Clone, Debug)]
pub struct RedisConfig {
    /// `redis://…` or `rediss://…`, password included.
    pub url: Secret,
    /// What our own keys and channels start with.
    pub prefix: String,
    /// Key of the stock emitter and adapter.
    pub adapter_key: String,
}
