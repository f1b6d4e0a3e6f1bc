//! One joined socket of a portal: a state machine that is told what happens and returns what is to be written.

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use shared_protocol::adapter::response;
use shared_protocol::events::names::from_client::{MESSAGE_DELIVERED, MESSAGE_SEND};
use shared_protocol::events::names::to_client::SESSION_EXPIRED;
use shared_protocol::events::{AckError, Reply, SessionExpired};
use shared_protocol::socketio::{Args, Event, Frame};

use super::budget::{Cost, Overspent};
use super::context::SocketContext;
use super::disconnect_reason::DisconnectReason;
use super::handler::{Ack, Joined, Peer, Stage};
use super::membership::Membership;
use super::metrics::label;
use super::on_client_event::on_client_event;
use super::portals::Portals;
use crate::auth::Principal;
use crate::hub::EndReason;

/// See the module.
pub struct PortalSocket {
    context: Arc<SocketContext>,
    membership: Membership,
    peer: Arc<Peer>,
}

impl PortalSocket {
    pub(super) fn new(portals: Arc<Portals>, membership: Membership, principal: Principal, peer: Arc<Peer>) -> Self {
        let member = Arc::clone(membership.member());
        Self {
            context: Arc::new(SocketContext {
                portals,
                principal,
                member,
            }),
            membership,
            peer,
        }
    }
}

impl Joined for PortalSocket {
    fn overlaps(&self, event: &Event) -> bool {
        event.name() == MESSAGE_SEND
    }

    fn on_client_event(&mut self, event: Event, ack: Ack) -> BoxFuture<'static, Stage> {
        let cost = match event.name() {
            MESSAGE_SEND => Cost::Message,
            MESSAGE_DELIVERED => Cost::Delivered,
            _ => Cost::Event,
        };
        match self.membership.place().budget().spend(cost) {
            Ok(()) => on_client_event(Arc::clone(&self.context), event, ack),
            Err(Overspent::Limited(error)) => {
                let metrics = &self.context.portals.metrics;
                metrics.event(label(event.name()), Err(error.code));
                std::future::ready(Stage::Done(ack.reply(&Reply::<()>::from(Err::<(), AckError>(error))))).boxed()
            }
            Err(Overspent::Cut) => std::future::ready(Stage::Cut(DisconnectReason::Flooding)).boxed(),
        }
    }

    fn on_ack(&mut self, id: u64, args: &Args) -> bool {
        let portals = &self.context.portals;
        let Some(asker) = portals.hub.awaited_acks().take(id, self.context.member.key) else {
            return false;
        };
        if let Ok(answer) = response::client_ack(&asker.request_id, args) {
            portals.bus.publish(asker.channel.clone(), answer);
        }
        true
    }

    fn farewell(&self, reason: EndReason) -> Vec<Frame> {
        let EndReason::SessionEnded(reason) = reason else {
            return Vec::new();
        };
        let namespace = self.context.member.namespace.as_str();
        Frame::event(namespace, SESSION_EXPIRED, &SessionExpired { reason })
            .into_iter()
            .collect()
    }

    fn close(self, reason: DisconnectReason) {
        let member = self.membership.member();
        tracing::info!(
            connection.id = self.peer.connection_id,
            socket.id = member.id.as_str(),
            user.id = %member.user,
            tenant.id = member.realm.tenant().map(tracing::field::display),
            reason = reason.label(),
            "socket left"
        );
        self.membership.leave(reason);
    }
}
