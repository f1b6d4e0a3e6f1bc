//! Everything a joined socket holds elsewhere, given back through one door: rooms, subscriptions, presence, session watch,
//! its place among its user's sockets.

use std::sync::Arc;

use shared_protocol::events::{Namespace, Realm};

use super::disconnect_reason::DisconnectReason;
use super::metrics::Counted;
use super::users::Place;
use crate::auth::Seat;
use crate::bus::{Bus, BusError};
use crate::db::keys::{Keys, user_room};
use crate::hub::{Hub, Member};
use crate::presence::{Departure, Presence};

/// See the module. Dropping it is a departure like any other, so that a CONNECT that is abandoned half way leaves nothing.
pub(super) struct Membership {
    member: Arc<Member>,
    hub: Arc<Hub>,
    bus: Bus,
    presence: Presence,
    user_channel: Option<String>,
    departure: Departure,
    // Held for their own Drop.
    place: Place,
    _seat: Seat,
    _counted: Counted,
}

/// The room of all sockets of a realm, to which the API emits.
fn realm_room(realm: &Realm) -> String {
    match realm {
        Realm::Manage => String::from("manage"),
        Realm::Tenant(tenant) => format!("tenant:{tenant}"),
    }
}

impl Membership {
    /// Puts a socket into its rooms on this instance.
    pub(super) fn new(
        member: Arc<Member>,
        (hub, bus, presence): (Arc<Hub>, Bus, Presence),
        place: Place,
        (seat, counted): (Seat, Counted),
    ) -> Self {
        hub.add(&member);
        hub.join(member.key, &user_room(&member.user));
        hub.join(member.key, &realm_room(&member.realm));
        Self {
            member,
            hub,
            bus,
            presence,
            user_channel: None,
            departure: Departure::Grace,
            place,
            _seat: seat,
            _counted: counted,
        }
    }

    /// Hears what other instances publish for its user; returns once Redis has confirmed it.
    ///
    /// Only the user's room has a channel of its own: gateways publish to no other, and the API's pushes come by pattern.
    pub(super) async fn subscribe(&mut self, keys: &Keys, namespace: Namespace) -> Result<(), BusError> {
        let channel = keys.user(namespace, &self.member.user);
        self.bus.subscribe(&channel).await?;
        self.user_channel = Some(channel);
        Ok(())
    }

    pub(super) fn member(&self) -> &Arc<Member> {
        &self.member
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// Says how the socket left, and leaves.
    pub(super) fn leave(mut self, reason: DisconnectReason) {
        self.departure = match reason {
            DisconnectReason::SessionEnded(_) => Departure::SessionOver,
            DisconnectReason::Draining => Departure::Drained,
            DisconnectReason::ClientLeft
            | DisconnectReason::TransportClosed
            | DisconnectReason::PingTimeout
            | DisconnectReason::ProtocolError(_)
            | DisconnectReason::ConnectTimeout
            | DisconnectReason::Kicked
            | DisconnectReason::Flooding
            | DisconnectReason::TooOld
            | DisconnectReason::SlowConsumer
            | DisconnectReason::Panicked => Departure::Grace,
        };
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.hub.remove(self.member.key);
        if let Some(channel) = &self.user_channel {
            self.bus.unsubscribe(channel);
        }
        self.presence.leave(self.member.key, self.departure);
    }
}
