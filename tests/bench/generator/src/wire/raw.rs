//! The bare JSON of the servers that show the floor: `{ event, data }` and `{ ack, data }` from them, `{ id, event, data }` to them. Who
//! somebody is stands in the query, and opening is joining.

use bytestring::ByteString;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use shared_protocol::events::names::from_client::MESSAGE_SEND;
use shared_protocol::events::names::to_client::{MESSAGE_NEW, SESSION_READY};

use super::news::{PresenceEvent, is_presence};
use super::{ChatMessage, MessageNew, Received, Reply, WireError};
use crate::users::User;

#[derive(Deserialize)]
struct FromServer<'a> {
    #[serde(default)]
    event: &'a str,
    #[serde(default)]
    ack: Option<u64>,
    #[serde(borrow)]
    data: &'a RawValue,
}

#[derive(Serialize)]
struct ToServer<'a> {
    id: u64,
    event: &'a str,
    data: &'a ChatMessage<'a>,
}

pub(super) fn request_target(user: &User) -> String {
    format!("/?user={}&tenant={}", user.id, user.tenant_id)
}

pub(super) fn read(text: &str) -> Result<Received, WireError> {
    let FromServer { event, ack, data } = serde_json::from_str(text)?;
    if let Some(number) = ack {
        let reply: Reply = serde_json::from_str(data.get())?;
        let refusal = (!reply.ok).then(|| data.get().to_owned());
        return Ok(Received::Answer { number, refusal });
    }
    match event {
        SESSION_READY => Ok(Received::Joined),
        MESSAGE_NEW => {
            let message: MessageNew = serde_json::from_str(data.get())?;
            Ok(Received::Message(message.client_message_id))
        }
        presence if is_presence(presence) => {
            let event: PresenceEvent = serde_json::from_str(data.get())?;
            Ok(Received::Presence(event.news()))
        }
        _ => Ok(Received::Other),
    }
}

pub(super) fn message(number: u64, message: &ChatMessage<'_>) -> Result<ByteString, WireError> {
    let text = serde_json::to_string(&ToServer {
        id: number,
        event: MESSAGE_SEND,
        data: message,
    })?;
    Ok(text.into())
}
