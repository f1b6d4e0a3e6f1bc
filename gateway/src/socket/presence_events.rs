//! Events about who is online.

use shared_protocol::events::limits::WATCH_MAX;
use shared_protocol::events::{
    AckError, ErrorCode, PresenceListPage, PresenceListRequest, PresenceTenantsPage, PresenceTenantsRequest,
    PresenceWatchRequest, PresenceWatched, Realm, UserId,
};
use shared_protocol::socketio::{Event, Frame};

use super::context::SocketContext;
use super::on_client_event::Asked;
use super::payload::payload;

pub(super) fn list(context: &SocketContext, event: &Event) -> Result<PresenceListPage, AckError> {
    let request: PresenceListRequest = payload(event)?;
    context.portals.presence.list(&context.principal.realm, &request)
}

/// For staff alone: how many tenants there are is nobody else's business.
pub(super) fn tenants(context: &SocketContext, event: &Event) -> Result<PresenceTenantsPage, AckError> {
    if context.principal.realm != Realm::Manage {
        return Err(AckError::new(ErrorCode::Forbidden, "Not for this session"));
    }
    let request: PresenceTenantsRequest = payload(event)?;
    context
        .portals
        .presence
        .tenants(request.cursor.as_deref(), request.limit)
}

/// Answers through the mailbox: behind the diffs that wait there, and before those to come.
pub(super) fn watch(context: &SocketContext, event: &Event, asked: Asked) -> Vec<Frame> {
    let users = match watched(event) {
        Ok(users) => users,
        Err(error) => return asked.reply::<PresenceWatched>(Err(error)),
    };
    let member = &context.member;
    context.portals.presence.watch(member.key, &users, |users| {
        for frame in asked.reply(Ok(PresenceWatched { users })) {
            member.mailbox.deliver(member.key, frame);
        }
    });
    Vec::new()
}

fn watched(event: &Event) -> Result<Vec<UserId>, AckError> {
    let request: PresenceWatchRequest = payload(event)?;
    if request.user_ids.len() > WATCH_MAX {
        return Err(AckError::invalid("userIds", &format!("at most {WATCH_MAX}")));
    }
    let users: Result<Vec<UserId>, _> = request.user_ids.iter().map(|id| UserId::parse(id)).collect();
    users.map_err(|fault| AckError::invalid("userIds", &fault.to_string()))
}
