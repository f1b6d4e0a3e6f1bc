//! Payloads of the events that clients send. Ranges are checked where the event is handled, so that a fault names its field.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::Deserialize;

use super::timestamp::Timestamp;

/// `message:send`. Texts stay unparsed here: the handler tells which field is wrong. Borrowed from the wire's text.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields = nullable))]
#[serde(rename_all = "camelCase")]
pub struct SendRequest<'a> {
    /// The recipient's user id.
    #[serde(borrow)]
    pub to: Cow<'a, str>,
    /// The text.
    #[serde(borrow)]
    pub body: Cow<'a, str>,
    /// The client's own name for the message.
    #[serde(borrow)]
    pub client_message_id: Cow<'a, str>,
}

/// `message:history`: ascending by `seq`; the newest page when no bound is given, both bounds make an open interval.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields = nullable))]
#[serde(rename_all = "camelCase")]
pub struct HistoryRequest {
    /// The peer's user id.
    pub with: String,
    /// Only messages with a smaller `seq`.
    #[serde(default)]
    pub before_seq: Option<i64>,
    /// Only messages with a greater `seq`.
    #[serde(default)]
    pub after_seq: Option<i64>,
    /// Messages a page.
    #[serde(default)]
    pub limit: Option<u32>,
}

/// `sync`: everything newer than what the client holds.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields = nullable))]
#[serde(rename_all = "camelCase")]
pub struct SyncRequest {
    /// The highest `seq` that the client holds, by conversation.
    pub since: HashMap<String, i64>,
    /// What to do about conversations that `since` does not name.
    #[serde(default)]
    pub others: Option<SyncOthers>,
    /// Messages a page.
    #[serde(default)]
    pub limit: Option<u32>,
}

/// What `sync` does about conversations that the client did not name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(ts_rs::TS), ts(type = "\"all\" | \"none\" | Timestamp"))]
pub enum SyncOthers {
    /// Send them from their first message.
    #[default]
    All,
    /// Leave them out.
    None,
    /// Send what is newer than that moment.
    After(Timestamp),
}

impl<'de> Deserialize<'de> for SyncOthers {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        match &*text {
            "all" => Ok(Self::All),
            "none" => Ok(Self::None),
            time => Timestamp::deserialize(serde::de::value::StrDeserializer::<D::Error>::new(time)).map(Self::After),
        }
    }
}

/// `presence:list`.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields = nullable))]
#[serde(rename_all = "camelCase", default)]
pub struct PresenceListRequest {
    /// Part of the name, whatever the case.
    pub query: Option<String>,
    /// Only that tenant; in `/manage` alone.
    pub tenant_id: Option<String>,
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// Users a page.
    pub limit: Option<u32>,
}

/// `presence:tenants`, for staff.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields = nullable))]
#[serde(rename_all = "camelCase", default)]
pub struct PresenceTenantsRequest {
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// Tenants a page.
    pub limit: Option<u32>,
}

/// `presence:watch`: replaces the socket's earlier list.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields = nullable))]
#[serde(rename_all = "camelCase")]
pub struct PresenceWatchRequest {
    /// Whom to watch.
    pub user_ids: Vec<String>,
}
