//! The HTTP endpoint: checks a request in the protocol's order (Engine.IO §handshake) and opens a connection.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::{Method, StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use shared_protocol::engineio::{HandshakeError, Open as OpenPacket, PROTOCOL_VERSION};
use tokio::time::Instant;

use super::connection::Connection;
use super::gate::{Closed, Gate, Ticket};
use super::heartbeat::Heartbeat;
use super::origin::OriginRule;
use super::query::Query;
use super::sid::random_sid;
use super::websocket::WebSocket;
use crate::config::EngineConfig;
use crate::db::Health;
use crate::hub::{Mailbox, MailboxLimits, mailbox};
use crate::socket::{Peer, UpperLayer};

/// Finds the session cookie's value, decoded once, in raw `Cookie` headers.
pub type ReadCookie = Box<dyn Fn(&mut dyn Iterator<Item = &[u8]>) -> Option<String> + Send + Sync>;

/// Makes what a new connection carries.
pub type Open<U> = Box<dyn Fn(&Arc<Peer>, &Mailbox) -> U + Send + Sync>;

/// What every handshake needs to know.
pub struct EngineSettings {
    /// Timing and sizes.
    pub engine: EngineConfig,
    /// What may wait for one connection.
    pub mailbox: MailboxLimits,
    /// Which pages may come.
    pub origins: OriginRule,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<ipnet::IpNet>,
    /// Reads the session cookie's value out of the `Cookie` headers.
    pub read_cookie: ReadCookie,
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
}

/// A handshake that was refused.
enum Refused {
    Protocol(HandshakeError),
    Unavailable(Closed),
}

/// Seconds after which a refused handshake may come again; stock clients ignore it, others may not.
const RETRY_AFTER_SECS: &str = "2";
/// How long Redis may be away before handshakes are turned away: a failover is over sooner.
const REDIS_TOLERANCE: Duration = Duration::from_secs(1);

/// Answers every request to the mount point.
pub async fn serve<U: UpperLayer>(
    engine: web::Data<Engine<U>>,
    request: HttpRequest,
    body: web::Payload,
) -> HttpResponse {
    let upgrade = is_upgrade(&request);
    match engine.verify(&request, upgrade) {
        Ok((query, ticket)) => open_websocket(&engine, &request, body, &query, ticket),
        Err(refused) => {
            tracing::debug!(reason = refused.label(), "handshake refused");
            refused.respond(upgrade)
        }
    }
}

impl<U: UpperLayer> Engine<U> {
    /// The first check that fails wins, in the reference's order; only the `Origin` comes before all others.
    fn verify(&self, request: &HttpRequest, upgrade: bool) -> Result<(Query, Ticket), Refused> {
        if let Some(origin) = request.headers().get(header::ORIGIN) {
            let origin = origin.to_str().map_err(|_| HandshakeError::BadRequest)?;
            let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
            if !self.settings.origins.allows(origin, host) {
                return Err(HandshakeError::Forbidden.into());
            }
        }
        let query = Query::of(request);
        if query.transport.as_deref() != Some("websocket") {
            return Err(HandshakeError::TransportUnknown.into());
        }
        if query.sid.is_some() {
            return Err(HandshakeError::SessionIdUnknown.into());
        }
        if request.method() != Method::GET {
            return Err(HandshakeError::BadHandshakeMethod.into());
        }
        if !upgrade {
            return Err(HandshakeError::BadRequest.into());
        }
        if query.version.as_deref() != Some(PROTOCOL_VERSION) {
            return Err(HandshakeError::UnsupportedProtocolVersion.into());
        }
        if self
            .redis
            .as_ref()
            .is_some_and(|redis| redis.is_down_for(REDIS_TOLERANCE))
        {
            return Err(Refused::Unavailable(Closed::RedisAway));
        }
        let ticket = self.gate.enter().map_err(Refused::Unavailable)?;
        Ok((query, ticket))
    }

    fn peer(&self, request: &HttpRequest, connection_id: String) -> Peer {
        let mut cookies = request
            .headers()
            .get_all(header::COOKIE)
            .map(header::HeaderValue::as_bytes);
        Peer {
            connection_id,
            cookie: (self.settings.read_cookie)(&mut cookies),
            address: client_address(request, &self.settings.trusted_proxies),
        }
    }
}

fn open_websocket<U: UpperLayer>(
    engine: &web::Data<Engine<U>>,
    request: &HttpRequest,
    body: web::Payload,
    query: &Query,
    ticket: Ticket,
) -> HttpResponse {
    let Ok((response, session, stream)) = actix_ws::handle(request, body) else {
        return Refused::from(HandshakeError::BadRequest).respond(true);
    };
    let config = engine.settings.engine.clone();
    let stream = stream
        .max_frame_size(config.max_payload)
        .aggregate_continuations()
        .max_continuation_size(config.max_payload);
    let websocket = WebSocket::new(session, stream, query.base64_only, config.ping_timeout);
    // Logs name a connection by a random id of its own: the sid is a secret.
    let peer = Arc::new(engine.peer(request, uuid::Uuid::now_v7().simple().to_string()));
    let engine = engine.clone();
    actix_web::rt::spawn(async move {
        let sid = random_sid();
        let open = OpenPacket {
            sid: &sid,
            upgrades: &[],
            ping_interval_ms: millis(config.ping_interval),
            ping_timeout_ms: millis(config.ping_timeout),
            max_payload: config.max_payload as u64,
        };
        let (mailbox, inbox) = mailbox(engine.settings.mailbox);
        let mut connection = Connection {
            websocket,
            upper: (engine.open)(&peer, &mailbox),
            inbox,
            heartbeat: Heartbeat::new(config.ping_interval, config.ping_timeout, Instant::now()),
            connect_timeout: config.connect_timeout,
        };
        if connection.websocket.send(&open.packet()).await.is_ok() {
            let reason = connection.run().await;
            tracing::debug!(
                connection.id = peer.connection_id,
                reason = reason.label(),
                ?reason,
                "connection closed"
            );
        }
        drop(ticket);
    });
    response
}

impl From<HandshakeError> for Refused {
    fn from(error: HandshakeError) -> Self {
        Self::Protocol(error)
    }
}

impl Refused {
    fn label(&self) -> &'static str {
        match self {
            Self::Protocol(error) => error.label(),
            Self::Unavailable(closed) => closed.label(),
        }
    }

    fn respond(&self, upgrade: bool) -> HttpResponse {
        match self {
            // As the reference does: an upgrade is refused with the text alone.
            Self::Protocol(error) if upgrade => HttpResponse::build(status(*error))
                .content_type("text/html")
                .force_close()
                .body(error.message()),
            Self::Protocol(error) => HttpResponse::build(status(*error))
                .content_type("application/json")
                .body(error.json()),
            Self::Unavailable(_) => HttpResponse::ServiceUnavailable()
                .insert_header((header::RETRY_AFTER, RETRY_AFTER_SECS))
                .content_type("application/json")
                .body(r#"{"code":"unavailable","message":"Try again later"}"#),
        }
    }
}

fn status(error: HandshakeError) -> StatusCode {
    StatusCode::from_u16(error.http_status()).unwrap_or(StatusCode::BAD_REQUEST)
}

fn is_upgrade(request: &HttpRequest) -> bool {
    request
        .headers()
        .get(header::UPGRADE)
        .is_some_and(|upgrade| upgrade.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// The address nearest to the client that a trusted proxy vouches for.
fn client_address(request: &HttpRequest, trusted: &[ipnet::IpNet]) -> Option<IpAddr> {
    let mut address = request.peer_addr()?.ip();
    let forwarded = request
        .headers()
        .get_all("x-forwarded-for")
        .filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
    for hop in hops.iter().rev() {
        if !trusted.iter().any(|network| network.contains(&address)) {
            break;
        }
        let Ok(next) = hop.parse() else { break };
        address = next;
    }
    Some(address)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
