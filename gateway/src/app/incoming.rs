//! What arrives on the bus, and who it is for.

use std::sync::Arc;

use serde::Deserialize;
use shared_protocol::bus::{Control, Envelope, Scope, SyncReason};
use shared_protocol::events::names::to_client::MESSAGE_NEW;
use shared_protocol::events::{Namespace, SessionEndReason, UserId};
use shared_protocol::socketio::Frame;

use super::junk::Junk;
use super::sync_required::SyncRequired;
use crate::auth::LiveSessions;
use crate::bus::{Bus, BusMessage, Listener};
use crate::db::keys::{Keys, user_room};
use crate::hub::{Address, ApiPushes, EndReason, Hub};
use crate::presence::Presence;
use crate::reach::Directory;

/// Called from the subscriber's task, in the order of arrival; nothing here waits.
pub(super) struct Incoming {
    pub keys: Keys,
    pub hub: Arc<Hub>,
    pub presence: Presence,
    pub live: LiveSessions,
    pub directory: Directory,
    pub bus: Bus,
    pub sync_required: SyncRequired,
    pub junk: Junk,
    pub api: [ApiPushes; Namespace::ALL.len()],
}

/// The id of the message that a frame tells of, for the log.
fn message_id(frame: &Frame) -> Option<String> {
    #[derive(Deserialize)]
    struct Payload {
        id: String,
    }
    let (_, array) = frame.text().split_once('[')?;
    let (name, payload): (String, Payload) = serde_json::from_str(&format!("[{array}")).ok()?;
    (name == MESSAGE_NEW).then_some(payload.id)
}

impl Incoming {
    /// Wants what every instance hears, and listens.
    pub(super) fn listen(self) -> Listener {
        self.want_channels();
        let incoming = Arc::new(self);
        let restored = Arc::clone(&incoming);
        Listener {
            on_message: Box::new(move |message| incoming.on_message(message)),
            on_restored: Box::new(move || restored.on_restored()),
        }
    }

    /// The channels that concern every instance, whoever is connected to it.
    fn want_channels(&self) {
        self.bus.want_channel(&self.keys.control());
        for api in &self.api {
            self.bus.want_pattern(api.channels().pattern());
            self.bus.want_channel(api.channels().request());
        }
    }

    /// Hands a message on.
    fn on_message(&self, message: BusMessage) {
        let BusMessage { channel, payload } = message;
        if let Some((namespace, room)) = self.keys.parse_room(&channel) {
            match Envelope::decode(payload) {
                Ok(envelope) => self.deliver(namespace, room, &envelope),
                Err(error) => self.junk.note("an envelope", error.label()),
            }
        } else if self.presence.on_change(&channel, &payload) || self.live.on_keyspace(&channel, &payload) {
            // Theirs.
        } else if channel == self.keys.control() {
            self.on_control(&payload);
        } else if let Some(api) = self.api.iter().find(|api| channel == api.channels().request()) {
            match api.on_request(&payload) {
                Ok(Some((channel, answer))) => self.bus.publish(channel, answer.into()),
                Ok(None) => {}
                Err(error) => self.junk.note_api(error),
            }
        } else {
            for api in self.api.iter().filter(|api| api.channels().target(&channel).is_some()) {
                if let Err(error) = api.on_broadcast(&channel, &payload) {
                    self.junk.note_api(error);
                }
            }
        }
    }

    /// The link was away: whatever was published meanwhile is read again where it can be, and asked for where it cannot.
    fn on_restored(&self) {
        self.presence.on_interrupted();
        self.live.recheck_all();
        self.sync_required.tell_all();
    }

    fn deliver(&self, namespace: Namespace, room: &str, envelope: &Envelope) {
        let except: Vec<&str> = envelope.except.as_deref().into_iter().collect();
        let address = Address {
            namespace,
            rooms: &[room],
            except: &except,
            scope: &envelope.scope,
            volatile: envelope.volatile,
        };
        let sockets = self.hub.deliver(&address, &envelope.frame);
        if tracing::enabled!(tracing::Level::DEBUG) {
            let message = message_id(&envelope.frame);
            tracing::debug!(message.id = message, sockets, "frame handed to sockets");
        }
    }

    /// Ends the sockets of that user as a logout would: who is there is gone for their peers at once.
    fn on_erased(&self, user: &UserId) {
        self.directory.erase(user);
        let room = user_room(user);
        let mut sockets = 0;
        for namespace in Namespace::ALL {
            let address = Address {
                namespace,
                rooms: &[&room],
                except: &[],
                scope: &Scope::Any,
                volatile: false,
            };
            for member in self.hub.select(&address) {
                let reason = EndReason::SessionEnded(SessionEndReason::Revoked);
                member.mailbox.end(Some(member.key), reason);
                sockets += 1;
            }
        }
        // The order comes at every pass of an erasure: only the one that finds somebody is news.
        if sockets > 0 {
            tracing::info!(user.id = %user, sockets, "user erased: sockets are cut, nothing is remembered");
        }
    }

    fn on_control(&self, payload: &[u8]) {
        match Control::decode(payload) {
            Ok(Some(Control::SyncRequired {
                instance,
                reason: SyncReason::InstanceReaped,
            })) => {
                self.sync_required.tell_of_lost(&instance);
            }
            Ok(Some(Control::SyncRequired { .. })) => self.sync_required.tell_all(),
            Ok(Some(Control::UserMoved { user_id })) => {
                if let Ok(user) = UserId::parse(&user_id) {
                    self.directory.forget(&user);
                }
            }
            Ok(Some(Control::UserErased { user_id })) => {
                if let Ok(user) = UserId::parse(&user_id) {
                    self.on_erased(&user);
                }
            }
            Ok(None) => {}
            Err(error) => self.junk.note("a control message", error.label()),
        }
    }
}
