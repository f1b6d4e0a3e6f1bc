//! The gateway's own handler: serves `/manage` and `/tenant`.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use shared_protocol::events::LimitsInfo;

use super::connect::connect;
use super::handler::{ConnectRequest, Handler, Refusal, Welcome};
use super::joined::PortalSocket;
use super::metrics::SocketMetrics;
use super::typing::TypingThrottle;
use super::users::Users;
use crate::auth::{Identifier, LiveSessions, Sessions};
use crate::bus::Bus;
use crate::chat::ChatService;
use crate::db::keys::Keys;
use crate::hub::Hub;
use crate::presence::Presence;
use crate::reach::Directory;

/// Longest time that a CONNECT, or one event, may take; below every ping time-out in use, since the socket waits.
pub(super) const HANDLER_TIMEOUT: Duration = Duration::from_secs(5);

/// The services behind the portals' sockets.
pub struct Portals {
    /// Names the session of a request.
    pub identifier: Arc<Identifier>,
    /// Looks sessions up.
    pub sessions: Sessions,
    /// Watches those of joined sockets.
    pub live: LiveSessions,
    /// Who there is.
    pub directory: Directory,
    /// Messages.
    pub chat: ChatService,
    /// Who is online.
    pub presence: Presence,
    /// Sockets and rooms of this instance.
    pub hub: Arc<Hub>,
    /// To and from the other instances.
    pub bus: Bus,
    /// Names of channels.
    pub keys: Keys,
    /// Who has sockets here.
    pub users: Arc<Users>,
    /// Who has lately been told that who writes.
    pub typing: TypingThrottle,
    /// What is counted.
    pub metrics: SocketMetrics,
    /// What clients are told of the bounds.
    pub limits: LimitsInfo,
}

impl Handler for Portals {
    type Socket = PortalSocket;

    fn connect(self: Arc<Self>, request: ConnectRequest) -> BoxFuture<'static, Result<Welcome<PortalSocket>, Refusal>> {
        connect(self, request).boxed()
    }
}
