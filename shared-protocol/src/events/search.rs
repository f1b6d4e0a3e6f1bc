//! The directory, asked for a part of a name.

use serde::{Deserialize, Serialize};

use super::shapes::User;

/// `user:search`: the directory in the caller's scope, offline users included.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields = nullable))]
#[serde(rename_all = "camelCase")]
pub struct UserSearchRequest {
    /// Part of the name, whatever the case.
    pub query: String,
    /// Users at most.
    #[serde(default)]
    pub limit: Option<u32>,
}

/// Answer of `user:search`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct UsersFound {
    /// By name.
    pub users: Vec<User>,
}
