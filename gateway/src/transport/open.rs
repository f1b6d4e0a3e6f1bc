//! Handshakes that were let in: makes the connection and the task that owns it.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use rand::RngExt as _;
use shared_protocol::engineio::{HandshakeError, Open, payload};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::answer::{self, Refused};
use super::core::{Core, Waiting};
use super::endpoint::Engine;
use super::gate::Ticket;
use super::heartbeat::Heartbeat;
use super::metrics::Transport;
use super::polling::{self, PollingRequest};
use super::query::Query;
use super::websocket::WebSocket;
use super::websocket_loop;
use crate::hub::mailbox;
use crate::socket::{Peer, UpperLayer};

/// A connection that has just been made.
struct Opened<U: UpperLayer> {
    core: Core<U>,
    requests: Option<mpsc::Receiver<PollingRequest<U>>>,
    sid: String,
}

/// Opens a polling connection; its name is the answer.
pub(super) fn polling<U: UpperLayer>(
    engine: &web::Data<Engine<U>>,
    request: &HttpRequest,
    ticket: Ticket,
) -> HttpResponse {
    let Opened { core, requests, sid } = open(engine, request, ticket, Transport::Polling);
    let hello = open_packet(engine, &sid, &["websocket"]).packet();
    if let Some(requests) = requests {
        actix_web::rt::spawn(polling::run(core, requests));
    }
    answer::payload(payload::encode([&hello]))
}

/// Opens a connection over a WebSocket; its name is the first frame.
pub(super) fn websocket<U: UpperLayer>(
    engine: &web::Data<Engine<U>>,
    request: &HttpRequest,
    body: web::Payload,
    query: &Query,
    ticket: Ticket,
) -> Result<HttpResponse, Refused> {
    let (response, mut websocket) = accept(engine, request, body, query)?;
    let Opened { core, sid, .. } = open(engine, request, ticket, Transport::WebSocket);
    let hello = open_packet(engine, &sid, &[]).packet();
    actix_web::rt::spawn(async move {
        if websocket.send(&hello).await.is_ok() {
            websocket_loop::run(core, websocket).await;
        }
    });
    Ok(response)
}

/// Answers the upgrade of a request.
pub(super) fn accept<U: UpperLayer>(
    engine: &Engine<U>,
    request: &HttpRequest,
    body: web::Payload,
    query: &Query,
) -> Result<(HttpResponse, WebSocket), Refused> {
    let (mut response, session, stream) =
        actix_ws::handle(request, body).map_err(|_| Refused::from(HandshakeError::BadRequest))?;
    if let Some(subprotocol) = subprotocol(request) {
        response
            .headers_mut()
            .insert(header::SEC_WEBSOCKET_PROTOCOL, subprotocol);
    }
    let config = &engine.settings.engine;
    let websocket = WebSocket::new(
        session,
        stream,
        query.base64_only,
        config.max_payload,
        config.ping_timeout,
    );
    Ok((response, websocket))
}

fn open<U: UpperLayer>(engine: &Engine<U>, request: &HttpRequest, ticket: Ticket, transport: Transport) -> Opened<U> {
    let is_websocket = transport == Transport::WebSocket;
    let config = &engine.settings.engine;
    let sid = engine.sids.mint();
    let cookie = engine.cookie(request);
    let (registration, requests) = engine.connections.register(sid.clone(), cookie.clone(), is_websocket);
    let peer = Arc::new(Peer {
        // Logs name a connection by a random id of its own: the sid is a secret.
        connection_id: uuid::Uuid::now_v7().simple().to_string(),
        cookie,
    });
    let (mailbox, inbox) = mailbox(engine.settings.mailbox);
    let now = Instant::now();
    let core = Core {
        upper: (engine.open)(&peer, &mailbox),
        inbox,
        connection_id: peer.connection_id.clone(),
        ticket,
        carried: engine.metrics.carry(transport),
        metrics: Arc::clone(&engine.metrics),
        registration,
        outgoing: Vec::new(),
        heartbeat: Heartbeat::new(config.ping_interval, config.ping_timeout, now),
        connect_timeout: config.connect_timeout,
        owing_since: Some(now),
        too_old_at: engine.settings.connection_age.map(|age| now + with_jitter(age)),
        waiting: Waiting::new(engine.settings.mailbox),
    };
    Opened { core, requests, sid }
}

/// The first that the client offers (its option `protocols`): browsers give up a WebSocket that takes none of them.
fn subprotocol(request: &HttpRequest) -> Option<HeaderValue> {
    let offered = request.headers().get(header::SEC_WEBSOCKET_PROTOCOL)?.to_str().ok()?;
    let first = offered.split(',').map(str::trim).find(|name| !name.is_empty())?;
    HeaderValue::from_str(first).ok()
}

fn open_packet<'a, U: UpperLayer>(engine: &Engine<U>, sid: &'a str, upgrades: &'a [&'a str]) -> Open<'a> {
    let config = &engine.settings.engine;
    Open {
        sid,
        upgrades,
        ping_interval_ms: millis(config.ping_interval),
        ping_timeout_ms: millis(config.ping_timeout),
        max_payload: config.max_payload as u64,
    }
}

/// Up to a tenth longer or shorter, so that those who came together do not go together.
fn with_jitter(age: Duration) -> Duration {
    age.mul_f64(rand::rng().random_range(0.9..1.1))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn the_first_subprotocol_that_is_offered_is_taken() {
        let taken = |offered: &'static str| {
            let request = TestRequest::default().insert_header((header::SEC_WEBSOCKET_PROTOCOL, offered));
            subprotocol(&request.to_http_request()).map(|name| name.to_str().unwrap().to_owned())
        };
        assert_eq!(taken("first, second").as_deref(), Some("first"));
        assert_eq!(taken(" , only").as_deref(), Some("only"));
        assert_eq!(taken(""), None);
        assert_eq!(subprotocol(&TestRequest::default().to_http_request()), None);
    }
}
