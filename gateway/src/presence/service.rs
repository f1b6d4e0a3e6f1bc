//! The way in.

use std::sync::Arc;

use shared_protocol::events::{
    AckError, ErrorCode, OnlineUser, PresenceListPage, PresenceListRequest, PresenceMode, Realm, UserId,
};
use shared_protocol::socketio::Frame;

use super::error::PresenceError;
use super::options::{Departure, PresenceOptions};
use crate::hub::{Member, SocketKey};

/// Who is online, on this instance and everywhere. Cheap to clone.
#[derive(Clone)]
pub struct Presence(Arc<PresenceOptions>);

impl Presence {
    /// Prepares the service; nothing reaches Redis before [`Self::run`] is driven.
    pub fn new(options: PresenceOptions) -> Self {
        Self(Arc::new(options))
    }

    /// Everything that happens by itself: batches, heartbeat, following, sweeping, diffs. Never ends; dropping it is a crash.
    pub async fn run(&self) {
        std::future::pending::<()>().await;
    }

    /// Takes a socket in. Once Redis holds its user and the realm is followed, `greet` is called with the mode and the encoded
    /// `presence:snapshot`, in one step with the socket's joining the audience: what `greet` puts into the mailbox comes before
    /// any diff, and every change is either in the snapshot or in a later diff. `greet` must not call back into the service.
    ///
    /// Bounded by a few seconds. When it fails, or its future is dropped, the socket is taken out again.
    pub async fn join(
        &self,
        _member: &Arc<Member>,
        _name: Option<&str>,
        _greet: impl FnOnce(PresenceMode, Frame) + Send,
    ) -> Result<PresenceMode, PresenceError> {
        Err(PresenceError::Unavailable)
    }

    /// Takes a socket out. Never waits; while Redis is away it is remembered as state, and written when Redis returns.
    pub fn leave(&self, _key: SocketKey, _departure: Departure) {}

    /// A session carries another name now.
    pub fn rename(&self, _realm: &Realm, _user: &UserId, _name: Option<&str>) {}

    /// `presence:list` for somebody who lives in `home`.
    pub fn list(&self, _home: &Realm, _request: &PresenceListRequest) -> Result<PresenceListPage, AckError> {
        Err(AckError::new(ErrorCode::Unavailable, "presence is not known yet"))
    }

    /// `presence:watch`: replaces the socket's earlier list, and answers who of them is online now.
    pub fn watch(&self, _key: SocketKey, _users: &[UserId]) -> Vec<OnlineUser> {
        Vec::new()
    }

    /// Whether a user is online; `None` when this instance does not follow their realm.
    pub fn is_online(&self, _user: &UserId, _realm: &Realm) -> Option<bool> {
        None
    }

    /// A message from the bus, in the order of its arrival. `false`: its channel is none of presence's.
    pub fn on_change(&self, _channel: &str, _payload: &[u8]) -> bool {
        false
    }

    /// The bus lost its link and has subscribed again: whatever was told meanwhile is read.
    pub fn on_interrupted(&self) {}

    /// Hands this instance's users over: they have the longest grace to come back elsewhere, and the instance leaves of itself, so
    /// that nobody reaps it. Sockets that leave afterwards change nothing.
    pub async fn drain(&self) -> Result<(), PresenceError> {
        Err(PresenceError::Unavailable)
    }
}
