//! Tells the sockets concerned what is in the tables now. Called right after the commit and before the ack; messages by their writer
//! alone, so those of one conversation are published in the order of their numbers.

use serde::Serialize;
use shared_protocol::bus::{Envelope, Scope};
use shared_protocol::events::names::to_client::{MESSAGE_DELIVERED, MESSAGE_NEW, MESSAGE_READ};
use shared_protocol::events::{MarkMoved, Message, Namespace, UserId};
use shared_protocol::socketio::Frame;

use super::marks::{MarkKind, OnRisen, RisenMark};
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
    /// The socket that sent it, which gets the ack instead; `None`: it was told that nothing was stored, and hears of it like others.
    pub from_socket: Option<SocketId>,
}

/// Whom the writers call.
pub struct Announce {
    /// For each fresh message.
    pub message: Box<dyn Fn(&Announcement) + Send + Sync>,
    /// For each mark that has risen.
    pub mark: OnRisen,
}

/// Announces on the bus. A message: to every socket of the recipient, and to every other socket of the sender. A read mark: to
/// the same. A delivered mark: to every socket of the other participant.
pub fn announce_on_bus(bus: Bus, keys: Keys) -> Announce {
    let road = Road { bus, keys };
    let marks = road.clone();
    Announce {
        message: Box::new(move |announcement| road.tell_message(announcement)),
        mark: Box::new(move |risen| marks.tell_mark(risen)),
    }
}

#[derive(Clone)]
struct Road {
    bus: Bus,
    keys: Keys,
}

impl Road {
    fn tell_message(&self, announcement: &Announcement) {
        let Announcement {
            message,
            recipient_namespace,
            sender_namespace,
            from_socket,
        } = announcement;
        let scope = Scope::of_conversation(message.tenant_id.as_ref().map(AsRef::as_ref));
        let publish = |namespace, user, except| self.publish(namespace, user, except, &scope, MESSAGE_NEW, message);
        publish(*recipient_namespace, &message.recipient_id, None);
        publish(*sender_namespace, &message.sender_id, from_socket.as_ref());
    }

    fn tell_mark(&self, risen: &RisenMark) {
        let moved = MarkMoved {
            conversation_id: risen.conversation.clone(),
            by: risen.by.clone(),
            up_to_seq: risen.up_to_seq,
            at: risen.at,
        };
        let scope = Scope::of_conversation(risen.conversation.tenant());
        let event = match risen.kind {
            MarkKind::Read => MESSAGE_READ,
            MarkKind::Delivered => MESSAGE_DELIVERED,
        };
        if let Some(namespace) = risen.peer_namespace {
            self.publish(namespace, &risen.peer, None, &scope, event, &moved);
        }
        if risen.kind == MarkKind::Read {
            self.publish(
                risen.namespace,
                &risen.by,
                Some(&risen.from_socket),
                &scope,
                event,
                &moved,
            );
        }
    }

    fn publish(
        &self,
        namespace: Namespace,
        user: &UserId,
        except: Option<&SocketId>,
        scope: &Scope,
        event: &str,
        payload: &impl Serialize,
    ) {
        let frame = match Frame::event(namespace.as_str(), event, payload) {
            Ok(frame) => frame,
            Err(error) => {
                tracing::error!(%error, event, "an event could not be encoded; its recipients must sync");
                return;
            }
        };
        let mut envelope = Envelope::new(scope.clone(), frame);
        envelope.except = except.map(|socket| socket.as_str().into());
        let channel = self.keys.user(namespace, user);
        self.bus.publish(channel, envelope.encode());
    }
}
