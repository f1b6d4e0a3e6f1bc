//! What arrives on the bus, and who it is for.

use std::sync::Arc;

use shared_protocol::bus::{Control, Envelope, SyncReason};
use shared_protocol::events::Namespace;

use super::junk::Junk;
use super::sync_required::SyncRequired;
use crate::auth::LiveSessions;
use crate::bus::{Bus, BusMessage};
use crate::db::keys::Keys;
use crate::hub::{Address, ApiPushes, Hub};
use crate::presence::Presence;

/// Called from the subscriber's task, in the order of arrival; nothing here waits.
pub(super) struct Incoming {
    pub keys: Keys,
    pub hub: Arc<Hub>,
    pub presence: Presence,
    pub live: LiveSessions,
    pub bus: Bus,
    pub sync_required: SyncRequired,
    pub junk: Junk,
    pub api: [ApiPushes; Namespace::ALL.len()],
}

impl Incoming {
    /// Wants the channels that every instance hears, whoever is connected to it.
    pub(super) fn want_channels(&self) {
        self.bus.want_channel(&self.keys.control());
        for api in &self.api {
            self.bus.want_pattern(api.channels().pattern());
            self.bus.want_channel(api.channels().request());
        }
    }

    /// Hands a message on.
    pub(super) fn on_message(&self, message: BusMessage) {
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
    pub(super) fn on_restored(&self) {
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
        self.hub.deliver(&address, &envelope.frame);
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
            Ok(Some(Control::UserErased { .. }) | None) => {}
            Err(error) => self.junk.note("a control message", error.label()),
        }
    }
}
