//! What travels: `{ id, event, data }` to here, `{ event, data }` and `{ ack, data }` from here.

use bytestring::ByteString;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

/// The only thing that clients say.
#[derive(Deserialize)]
pub(crate) struct FromClient {
    pub(crate) id: u64,
    pub(crate) data: SendRequest,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SendRequest {
    pub(crate) to: String,
    pub(crate) body: String,
    pub(crate) client_message_id: String,
}

/// A message as it is stored and delivered.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Message {
    pub(crate) id: Uuid,
    pub(crate) conversation_id: String,
    pub(crate) tenant_id: String,
    pub(crate) sender_id: String,
    pub(crate) recipient_id: String,
    pub(crate) body: String,
    pub(crate) client_message_id: String,
    pub(crate) created_at: DateTime<Utc>,
}

impl Message {
    pub(crate) fn new(sender: &str, tenant: &str, request: SendRequest) -> Self {
        let (one, other) = (sender.min(&request.to), sender.max(&request.to));
        Self {
            id: Uuid::now_v7(),
            conversation_id: format!("{tenant}:{one}:{other}"),
            tenant_id: tenant.to_owned(),
            sender_id: sender.to_owned(),
            recipient_id: request.to,
            body: request.body,
            client_message_id: request.client_message_id,
            created_at: Utc::now(),
        }
    }
}

#[derive(Serialize)]
struct Event<'a, T> {
    event: &'a str,
    data: &'a T,
}

#[derive(Serialize)]
struct Ack<'a, T> {
    ack: u64,
    data: Accepted<'a, T>,
}

#[derive(Serialize)]
struct Accepted<'a, T> {
    ok: bool,
    data: &'a T,
}

pub(crate) fn event<T: Serialize>(event: &str, data: &T) -> ByteString {
    text(&Event { event, data })
}

pub(crate) fn accepted(ack: u64, message: &Message) -> ByteString {
    let data = Accepted {
        ok: true,
        data: message,
    };
    text(&Ack { ack, data })
}

pub(crate) fn refused(ack: u64, why: &str) -> ByteString {
    text(&json!({ "ack": ack, "data": { "ok": false, "error": { "code": "unavailable", "message": why } } }))
}

fn text<T: Serialize>(value: &T) -> ByteString {
    // Strings, numbers and times cannot fail to serialise.
    serde_json::to_string(value).unwrap_or_default().into()
}
