//! What the handlers of one socket's events share: who asks, and the verdicts on whom they may reach.

use std::sync::Arc;

use shared_protocol::events::{AckError, ErrorCode, UserId};

use super::portals::Portals;
use crate::auth::Principal;
use crate::hub::Member;
use crate::reach::{Caller, Reachable, Readable};

/// Does not change while the socket lives.
pub(super) struct SocketContext {
    pub(super) portals: Arc<Portals>,
    pub(super) principal: Principal,
    pub(super) member: Arc<Member>,
}

impl SocketContext {
    /// Who asks, as the session says.
    pub(super) fn caller(&self) -> Caller<'_> {
        Caller {
            user: &self.principal.user,
            realm: &self.principal.realm,
        }
    }

    /// Leave to write to somebody.
    pub(super) async fn may_send(&self, to: &str) -> Result<Reachable, AckError> {
        let directory = &self.portals.directory;
        match directory.authorise_send(self.caller(), to).await {
            Err(error) if self.sees_newcomer(&error, to) => directory.authorise_send(self.caller(), to).await,
            verdict => verdict,
        }
    }

    /// Leave to read the conversation with somebody.
    pub(super) async fn may_read(&self, with: &str) -> Result<Readable, AckError> {
        let directory = &self.portals.directory;
        match directory.authorise_read(self.caller(), with).await {
            Err(error) if self.sees_newcomer(&error, with) => directory.authorise_read(self.caller(), with).await,
            verdict => verdict,
        }
    }

    /// Whether somebody whom the directory does not know yet is online in the caller's own realm: whom one sees, one may
    /// write to, however slow the directory is. Presence knows realms from sessions alone, so its word is as good.
    fn sees_newcomer(&self, refused: &AckError, id: &str) -> bool {
        let realm = &self.principal.realm;
        let Ok(user) = UserId::parse(id) else { return false };
        let sees =
            refused.code == ErrorCode::RecipientNotFound && self.portals.presence.is_online(&user, realm) == Some(true);
        if sees {
            self.portals.directory.heard_of(&user, realm);
        }
        sees
    }
}
