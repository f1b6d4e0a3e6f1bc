//! Tells the sockets concerned that a message is there. Called by the writer alone, right after the commit and before the ack:
//! one caller, so messages of one conversation are published in the order of their numbers.

use shared_protocol::bus::{Envelope, Scope};
use shared_protocol::events::names::to_client::MESSAGE_NEW;
use shared_protocol::events::{Message, Namespace, UserId};
use shared_protocol::socketio::Frame;

use crate::bus::Bus;
use crate::db::keys::Keys;
use crate::hub::SocketId;

/// A message that has just been committed.
#[derive(Clone, Debug)]
pub struct Announcement {
    /// The message.
    pub message: Message,
    /// Where its recipient's sockets are.
    pub recipient_namespace: Namespace,
    /// Where its sender's sockets are.
    pub sender_namespace: Namespace,
    /// The socket that sent it, which gets the ack instead.
    pub from_socket: SocketId,
}

/// What the writer calls for each fresh message.
pub type Announce = Box<dyn Fn(&Announcement) + Send + Sync>;

/// Announces on the bus: to every socket of the recipient, and to every other socket of the sender.
pub fn announce_on_bus(bus: Bus, keys: Keys) -> Announce {
    Box::new(move |announcement| {
        let message = &announcement.message;
        let rooms = [
            (announcement.recipient_namespace, &message.recipient_id, None),
            (
                announcement.sender_namespace,
                &message.sender_id,
                Some(&announcement.from_socket),
            ),
        ];
        for (namespace, user, except) in rooms {
            publish(&bus, &keys, namespace, user, except, message);
        }
    })
}

fn publish(bus: &Bus, keys: &Keys, namespace: Namespace, user: &UserId, except: Option<&SocketId>, message: &Message) {
    let frame = match Frame::event(namespace.as_str(), MESSAGE_NEW, message) {
        Ok(frame) => frame,
        Err(error) => {
            tracing::error!(%error, message.id = %message.id, "a message could not be encoded; its recipients must sync");
            return;
        }
    };
    let scope = match &message.tenant_id {
        Some(tenant) => Scope::Tenant(tenant.as_str().into()),
        None => Scope::Manage,
    };
    let mut envelope = Envelope::new(scope, frame);
    envelope.except = except.map(|socket| socket.as_str().into());
    let channel = keys.room(namespace, &format!("user:{user}"));
    bus.publish(channel, envelope.encode());
}
