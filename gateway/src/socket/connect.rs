//! The road of a CONNECT: credentials → session → principal → place → rooms → presence → reply.

use std::sync::Arc;

use chrono::Utc;
use serde::Deserialize;
use shared_protocol::events::names::to_client::SESSION_READY;
use shared_protocol::events::{AckError, ErrorCode, Namespace, Portal, PresenceMode, SessionReady, Timestamp, User};
use shared_protocol::socketio::Frame;
use tokio::time::Instant;

use super::budget::{Cost, Overspent};
use super::handler::{ConnectRequest, Refusal, RefusalData, Welcome};
use super::joined::PortalSocket;
use super::membership::Membership;
use super::portals::{HANDLER_TIMEOUT, Portals};
use crate::auth::{AuthError, Principal};
use crate::hub::{Member, SocketId};
use crate::reach::Caller;

/// `auth` of the CONNECT packet, as far as it concerns the gateway.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ConnectAuth {
    portal: Option<String>,
    token: Option<String>,
}

/// Decides about a CONNECT within a bounded time.
pub(super) async fn connect(portals: Arc<Portals>, request: ConnectRequest) -> Result<Welcome<PortalSocket>, Refusal> {
    let connection_id = request.peer.connection_id.clone();
    let namespace = request.namespace.clone();
    let outcome = tokio::time::timeout(HANDLER_TIMEOUT, admit(Arc::clone(&portals), request)).await;
    let outcome = outcome.unwrap_or_else(|_| Err(unavailable().into()));
    let result = outcome.as_ref().map(drop);
    portals.metrics.connect(
        Namespace::parse(&namespace),
        result.map_err(|refusal| refusal.data.map(|data| data.code)),
    );
    if let Err(refusal) = &outcome {
        let code = refusal.data.map(|data| data.code.as_str());
        // Cut: the name is the client's, and may be of any length.
        let namespace: String = namespace.chars().take(64).collect();
        tracing::debug!(connection.id = connection_id, namespace, code, "connect refused");
    }
    outcome
}

async fn admit(portals: Arc<Portals>, request: ConnectRequest) -> Result<Welcome<PortalSocket>, Refusal> {
    let namespace = Namespace::parse(&request.namespace).ok_or_else(|| Refusal {
        message: "Invalid namespace".into(),
        data: Some(RefusalData {
            code: ErrorCode::InvalidNamespace,
        }),
    })?;
    let auth: ConnectAuth = match request.auth.as_deref() {
        None => ConnectAuth::default(),
        Some(json) => {
            serde_json::from_str(json).map_err(|_| AckError::invalid("auth", "portal and token are texts"))?
        }
    };
    let identity = portals
        .identifier
        .identify(request.peer.cookie.as_deref(), auth.token.as_deref());
    let session_id = identity.session().map_err(refuse)?;

    // Before the look-up, so that a session which is deleted between the two is noticed: CONNECT against session deletion.
    let seat = portals.live.index(&session_id, request.key, request.mailbox.clone());
    let session = portals.sessions.find(&session_id).await.map_err(refuse)?;
    let principal = session.principal_for(namespace).map_err(refuse)?.clone();
    let portal = Portal::in_namespace(namespace, auth.portal.as_deref())
        .ok_or_else(|| AckError::new(ErrorCode::Forbidden, "No such portal in this namespace"))?;
    let place = portals
        .users
        .enter(&principal.realm, &principal.user, Instant::now())
        .ok_or_else(|| AckError::new(ErrorCode::TooManySockets, "Too many open sockets of this user"))?;
    // Ten links that join and leave as fast as they can are one user all the same.
    match place.budget().spend(Cost::Event) {
        Ok(()) => {}
        Err(Overspent::Limited(error)) => return Err(error.into()),
        Err(Overspent::Cut) => {
            return Err(AckError::new(ErrorCode::RateLimited, "Too many joins; slow down").into());
        }
    }

    let member = Arc::new(Member {
        key: request.key,
        id: SocketId::random(),
        namespace,
        user: principal.user.clone(),
        realm: principal.realm.clone(),
        portal,
        joined_at: Utc::now(),
        mailbox: request.mailbox.clone(),
    });
    seat.bind(&session, &principal);
    let services = (Arc::clone(&portals.hub), portals.bus.clone(), portals.presence.clone());
    let counted = portals.metrics.joined(namespace);
    let mut membership = Membership::new(Arc::clone(&member), services, place, (seat, counted));
    membership
        .subscribe(&portals.keys, namespace)
        .await
        .map_err(|_| unavailable())?;

    let now = Timestamp::new(Utc::now());
    portals
        .directory
        .introduce(&principal.user, &principal.realm, principal.name.as_deref(), now)
        .await;
    let caller = Caller {
        user: &principal.user,
        realm: &principal.realm,
    };
    let unread_total = portals.chat.unread_total(caller).await.ok();
    let greet = |presence: PresenceMode, snapshot: Frame| {
        let ready = SessionReady {
            me: user(&principal),
            portal,
            server_time: Timestamp::new(Utc::now()),
            unread_total,
            presence,
            limits: portals.limits,
        };
        match Frame::event(namespace.as_str(), SESSION_READY, &ready) {
            Ok(ready) => member.mailbox.deliver(member.key, ready),
            Err(error) => {
                tracing::error!(%error, "session:ready could not be encoded");
                false
            }
        };
        member.mailbox.deliver(member.key, snapshot);
    };
    portals
        .presence
        .join(&member, principal.name.as_deref(), greet)
        .await
        .map_err(|_| unavailable())?;

    tracing::info!(
        connection.id = request.peer.connection_id,
        socket.id = member.id.as_str(),
        user.id = %member.user,
        tenant.id = member.realm.tenant().map(tracing::field::display),
        portal = portal.as_str(),
        "socket joined"
    );
    let id = member.id.as_str().to_owned();
    let socket = PortalSocket::new(portals, membership, principal, request.peer);
    Ok(Welcome {
        socket,
        id,
        greeting: Vec::new(),
    })
}

fn user(principal: &Principal) -> User {
    User {
        id: principal.user.clone(),
        tenant_id: principal.realm.tenant().cloned(),
        name: principal.name.clone(),
        kind: principal.realm.kind(),
        last_seen_at: None,
    }
}

#[expect(clippy::needless_pass_by_value, reason = "stands in map_err")]
fn refuse(error: AuthError) -> Refusal {
    tracing::debug!(%error, "session refused");
    AckError::from(&error).into()
}

fn unavailable() -> AckError {
    AckError::new(
        ErrorCode::Unavailable,
        "The service cannot be reached just now; try again",
    )
}
