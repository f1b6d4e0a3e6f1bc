//! The HTTP endpoint: checks a request in the protocol's order (Engine.IO §handshake) and hands it to whom it is for.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, web};
use shared_protocol::engineio::{HandshakeError, PROTOCOL_VERSION};
use uuid::Uuid;

use super::answer::{self, Refused};
use super::forward::{Peers, forward};
use super::gate::{Closed, Gate};
use super::metrics::{Transport, TransportMetrics};
use super::open;
use super::origin::OriginRule;
use super::peer_stamp::{PassedOn, STAMP, verify};
use super::poll_requests;
use super::query::Query;
use super::registry::{Entry, Registry};
use super::sid::Sids;
use super::upgrade;
use crate::config::EngineConfig;
use crate::db::Health;
use crate::hub::{Mailbox, MailboxLimits};
use crate::socket::{Peer, UpperLayer};

/// Finds the session cookie's value, decoded once, in raw `Cookie` headers.
pub type ReadCookie = Box<dyn Fn(&mut dyn Iterator<Item = &[u8]>) -> Option<String> + Send + Sync>;
/// Whether a request with the second cookie may use a connection that was opened with the first.
pub type MayUse = Box<dyn Fn(Option<&str>, Option<&str>) -> bool + Send + Sync>;
/// Makes what a new connection carries.
pub type Open<U> = Box<dyn Fn(&Arc<Peer>, &Mailbox) -> U + Send + Sync>;

/// What every handshake needs to know.
pub struct EngineSettings {
    /// Timing and sizes.
    pub engine: EngineConfig,
    /// After which a connection is sent away, so that load spreads; `None`: never.
    pub connection_age: Option<Duration>,
    /// What may wait for one connection.
    pub mailbox: MailboxLimits,
    /// Which pages may come.
    pub origins: OriginRule,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<ipnet::IpNet>,
    /// Reads the session cookie.
    pub read_cookie: ReadCookie,
    /// A connection belongs to the session that opened it.
    pub may_use: MayUse,
}

/// Opens connections. Shared by all workers.
pub struct Engine<U: UpperLayer> {
    /// Fixed at start.
    pub settings: EngineSettings,
    /// Makes what a new connection carries.
    pub open: Open<U>,
    /// Whether there is room.
    pub gate: Arc<Gate>,
    /// Whether sessions can be checked; `None` when nobody asks for a session.
    pub redis: Option<Arc<Health>>,
    /// The connections that are open.
    pub connections: Registry<U>,
    /// Their names.
    pub sids: Sids,
    /// The other instances; `None`: this one is alone.
    pub peers: Option<Peers>,
    /// What is counted.
    pub metrics: Arc<TransportMetrics>,
}

/// What a request asks for, once it has passed the checks.
enum Route<U: UpperLayer> {
    /// A new connection.
    Handshake(Transport),
    /// A poll or a POST of a polling connection.
    Polling(Arc<Entry<U>>),
    /// The same, passed on by a peer.
    PassedOn(Arc<Entry<U>>),
    /// The same, of a connection that another instance owns.
    Foreign(Uuid),
    /// A WebSocket for a connection that exists.
    Upgrade(Arc<Entry<U>>),
}

/// How long Redis may be away before handshakes are turned away: a failover is over sooner.
const REDIS_TOLERANCE: Duration = Duration::from_secs(1);

/// Answers every request to the mount point.
pub async fn serve<U: UpperLayer>(
    engine: web::Data<Engine<U>>,
    request: HttpRequest,
    body: web::Payload,
) -> HttpResponse {
    let upgrade = is_upgrade(&request);
    let query = Query::of(&request);
    if let Err(refused) = engine.check_origin(&request) {
        engine.count(&query, Some(&refused));
        return refused.respond(upgrade);
    }
    // Before any look at the sid: a preflight carries neither cookies nor, at some balancers, the right instance.
    if request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) {
        return answer::preflight(&request);
    }
    let outcome = match engine.route(&request, &query, upgrade) {
        Err(refused) => Err(refused),
        Ok(Route::Polling(entry)) => Ok(poll_requests::serve(&engine, &entry, &request, body).await),
        Ok(Route::PassedOn(entry)) => Ok(poll_requests::serve_peer(engine.clone(), entry, request.clone(), body)),
        Ok(Route::Foreign(owner)) => {
            let sid = query.sid.as_deref().unwrap_or_default();
            Ok(forward(&engine, &request, body, sid, owner).await)
        }
        Ok(Route::Upgrade(entry)) => upgrade::serve(&engine, &entry, &request, body, &query),
        Ok(Route::Handshake(transport)) => engine.admit().and_then(|ticket| match transport {
            Transport::Polling => Ok(open::polling(&engine, &request, ticket)),
            Transport::WebSocket => open::websocket(&engine, &request, body, &query, ticket),
        }),
    };
    engine.count(&query, outcome.as_ref().err());
    let response = outcome.unwrap_or_else(|refused| {
        tracing::debug!(reason = refused.label(), "request refused");
        refused.respond(upgrade)
    });
    answer::with_cors(&request, response)
}

impl<U: UpperLayer> Engine<U> {
    /// A request without a sid is a handshake, whatever becomes of it.
    fn count(&self, query: &Query, refused: Option<&Refused>) {
        if query.sid.is_none() {
            let transport = query.transport.as_deref().and_then(Transport::parse);
            self.metrics
                .handshake(transport, refused.map_or("accepted", Refused::label));
        }
    }

    fn check_origin(&self, request: &HttpRequest) -> Result<(), Refused> {
        let Some(origin) = request.headers().get(header::ORIGIN) else {
            return Ok(());
        };
        let origin = origin.to_str().map_err(|_| HandshakeError::BadRequest)?;
        let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
        if self.settings.origins.allows(origin, host) {
            Ok(())
        } else {
            Err(HandshakeError::Forbidden.into())
        }
    }

    /// The first check that fails wins, in the reference's order.
    fn route(&self, request: &HttpRequest, query: &Query, upgrade: bool) -> Result<Route<U>, Refused> {
        let transport = query.transport.as_deref().and_then(Transport::parse);
        let transport = transport.ok_or(HandshakeError::TransportUnknown)?;
        let Some(sid) = &query.sid else {
            return Self::handshake(request, query, transport, upgrade);
        };
        let passed_on = self.is_passed_on(request, sid);
        let Some(entry) = self.connections.find(sid) else {
            return match self.sids.owner(sid) {
                // One hop and no more. A WebSocket cannot be passed on: its client stays on polling.
                Some(owner) if owner != self.sids.instance() && !passed_on && transport == Transport::Polling => {
                    Ok(Route::Foreign(owner))
                }
                _ => Err(HandshakeError::SessionIdUnknown.into()),
            };
        };
        if !self.may_use(&entry, request) {
            return Err(HandshakeError::SessionIdUnknown.into());
        }
        if query.version.as_deref() != Some(PROTOCOL_VERSION) {
            return Err(HandshakeError::BadRequest.into());
        }
        if upgrade && transport == Transport::WebSocket {
            return Ok(Route::Upgrade(entry));
        }
        let is_websocket = entry.is_websocket.load(std::sync::atomic::Ordering::Acquire);
        if transport == Transport::WebSocket || is_websocket {
            return Err(HandshakeError::BadRequest.into());
        }
        Ok(if passed_on {
            Route::PassedOn(entry)
        } else {
            Route::Polling(entry)
        })
    }

    fn is_passed_on(&self, request: &HttpRequest, sid: &str) -> bool {
        let stamp = request.headers().get(STAMP).and_then(|stamp| stamp.to_str().ok());
        let passed_on = stamp.and_then(|stamp| verify(self.sids.keys(), request.method().as_str(), sid, stamp));
        if let Some(PassedOn { client }) = passed_on {
            tracing::trace!(
                client.address = client.map(tracing::field::display),
                "a peer passes a request on"
            );
        }
        passed_on.is_some()
    }

    fn handshake(
        request: &HttpRequest,
        query: &Query,
        transport: Transport,
        upgrade: bool,
    ) -> Result<Route<U>, Refused> {
        if request.method() != Method::GET {
            return Err(HandshakeError::BadHandshakeMethod.into());
        }
        if transport == Transport::WebSocket && !upgrade {
            return Err(HandshakeError::BadRequest.into());
        }
        if query.version.as_deref() != Some(PROTOCOL_VERSION) {
            return Err(HandshakeError::UnsupportedProtocolVersion.into());
        }
        Ok(Route::Handshake(transport))
    }

    fn admit(&self) -> Result<super::gate::Ticket, Refused> {
        if self
            .redis
            .as_ref()
            .is_some_and(|redis| redis.is_down_for(REDIS_TOLERANCE))
        {
            return Err(Refused::Unavailable(Closed::RedisAway));
        }
        self.gate.enter().map_err(Refused::Unavailable)
    }

    /// A request with another session's cookie is answered as if the connection did not exist; one without any is let in,
    /// since the sid is a secret.
    fn may_use(&self, entry: &Entry<U>, request: &HttpRequest) -> bool {
        match self.cookie(request) {
            None => true,
            cookie => (self.settings.may_use)(entry.opener.as_deref(), cookie.as_deref()),
        }
    }

    pub(super) fn cookie(&self, request: &HttpRequest) -> Option<String> {
        let mut cookies = request
            .headers()
            .get_all(header::COOKIE)
            .map(header::HeaderValue::as_bytes);
        (self.settings.read_cookie)(&mut cookies)
    }
}

fn is_upgrade(request: &HttpRequest) -> bool {
    request
        .headers()
        .get(header::UPGRADE)
        .is_some_and(|upgrade| upgrade.as_bytes().eq_ignore_ascii_case(b"websocket"))
}
