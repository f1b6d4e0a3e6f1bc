//! Passes a polling request on to the instance that owns its connection: one hop, authenticated, bounded in time.
//!
//! The client's abort is kept: its request's future is dropped, the link to the owner with it, and the owner sees its poll given up.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use actix_web::http::{ConnectionType, Method, StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use awc::error::{PayloadError, SendRequestError};
use awc::{Client, ClientRequest, ClientResponse};
use bytes::Bytes;
use futures_util::Stream;
use redis::AsyncCommands as _;
use shared_protocol::bus::ForwardedHead;
use shared_protocol::engineio::HandshakeError;
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use super::answer::{self, Refused};
use super::client_address::client_address;
use super::endpoint::Engine;
use super::gate::Gate;
use super::metrics::Forwarded;
use super::peer_stamp::{STAMP, stamp};
use super::poll_requests::{BodyError, read};
use crate::db::Redis;
use crate::socket::UpperLayer;

/// How long an owner may take to show that it is alive. A client whose owner is gone must learn it within a second.
const SIGN_OF_LIFE: Duration = Duration::from_millis(700);
/// How long looking up where the owner lives may take.
const LOOK_UP: Duration = Duration::from_millis(250);
/// How long an address is believed; an instance never changes its own.
const REMEMBER: Duration = Duration::from_secs(5);
/// Addresses that are remembered; clusters are smaller.
const REMEMBERED_MAX: usize = 256;
/// Bytes of one answer: what a connection may have waiting, and then some.
const ANSWER_MAX: usize = 16 * 1024 * 1024;
/// How long a poll is held for which an instance that goes away stands in between. Shorter than the second in which requests end
/// after the listener is closed.
const HELD_WHILE_DRAINING: Duration = Duration::from_millis(300);
/// What a peer asks with to have its client's poll ended. Peers that do not know it refuse it, and hold the poll.
pub(super) const RELEASE: Method = Method::DELETE;
/// Marks an answer as one that carries its real head in its body.
pub(super) const ENVELOPED: &str = "x-realtime-answer";
/// Headers of the client that the owner needs.
const KEPT: [header::HeaderName; 5] = [
    header::HOST,
    header::ORIGIN,
    header::COOKIE,
    header::CONTENT_TYPE,
    header::USER_AGENT,
];

/// Where the peers are.
pub struct Peers {
    redis: Redis,
    known: Mutex<HashMap<Uuid, (Instant, String)>>,
}

/// A client for requests to peers; each worker has its own.
pub fn peer_client() -> Client {
    let connector = awc::Connector::new().timeout(SIGN_OF_LIFE).limit(0);
    Client::builder()
        .connector(connector)
        .timeout(SIGN_OF_LIFE)
        .disable_redirects()
        .finish()
}

impl Peers {
    /// Knows nobody yet.
    pub fn new(redis: Redis) -> Self {
        Self {
            redis,
            known: Mutex::default(),
        }
    }

    /// Where an instance advertises itself; `None` when it is not alive, or says nothing. While Redis cannot be asked, what was known
    /// counts: polls of those whose sockets stay must still find them.
    async fn address(&self, instance: Uuid) -> Option<String> {
        let known = self
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&instance)
            .cloned();
        if let Some((asked_at, address)) = &known
            && asked_at.elapsed() < REMEMBER
        {
            return Some(address.clone());
        }
        let key = self.redis.keys().instance(&instance.simple().to_string());
        let mut redis = self.redis.commands();
        let Ok(Ok(address)) = timeout(LOOK_UP, redis.get::<_, Option<String>>(key)).await else {
            return known.map(|(_, address)| address);
        };
        let address = address.filter(|address| !address.is_empty())?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED_MAX {
            known.clear();
        }
        known.insert(instance, (Instant::now(), address.clone()));
        Some(address)
    }

    fn forget(&self, instance: Uuid) {
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&instance);
    }
}

/// Answers with what the owner answers; an owner that is gone, or does not show a sign of life, is an unknown sid.
pub(super) async fn forward<U: UpperLayer>(
    engine: &Engine<U>,
    request: &HttpRequest,
    body: web::Payload,
    sid: &str,
    owner: Uuid,
) -> HttpResponse {
    let (response, outcome) = pass_on(engine, request, body, sid, owner).await;
    engine.metrics.forwarded(outcome);
    response
}

async fn pass_on<U: UpperLayer>(
    engine: &Engine<U>,
    request: &HttpRequest,
    body: web::Payload,
    sid: &str,
    owner: Uuid,
) -> (HttpResponse, Forwarded) {
    let (Some(peers), Some(client)) = (&engine.peers, request.app_data::<web::Data<Client>>()) else {
        return unknown();
    };
    let body = match *request.method() {
        Method::POST => match read(body, engine.settings.engine.max_payload).await {
            Ok(body) => body,
            Err(BodyError::TooLarge) => return refused(&mut HttpResponse::PayloadTooLarge()),
            Err(BodyError::Broken) => return refused(&mut HttpResponse::BadRequest()),
        },
        Method::GET => Bytes::new(),
        // As the owner would. Passed on, a client's own DELETE would be taken for ours: see `RELEASE`.
        ref method => return (answer::unknown_method(method), Forwarded::Refused),
    };
    let Some(address) = peers.address(owner).await else {
        return unknown();
    };
    let config = &engine.settings.engine;
    // A poll is held until the next ping at the latest.
    let patience = config.ping_interval + config.ping_timeout;
    let head = Head {
        engine,
        client,
        request,
        address: &address,
        sid,
    };
    let answer = timeout(patience, head.ask(body));
    tokio::pin!(answer);
    let answered = tokio::select! {
        answered = &mut answer => answered,
        () = draining(&engine.gate), if *request.method() == Method::GET => {
            // Broken by our end, it would count as given up by the client.
            head.release().await;
            answer.await
        }
    };
    match answered {
        Ok(Ok(mut response)) => {
            if engine.gate.is_draining() {
                // The next one must not be on its way to us when we are gone.
                response.head_mut().set_connection_type(ConnectionType::Close);
            }
            (response, Forwarded::Answered)
        }
        Ok(Err(error)) => {
            tracing::debug!(%error, owner = %owner, "a request could not be passed on");
            peers.forget(owner);
            unknown()
        }
        Err(_) => unknown(),
    }
}

#[derive(Debug, thiserror::Error)]
enum ForwardError {
    #[error(transparent)]
    Send(#[from] SendRequestError),
    #[error(transparent)]
    Body(#[from] PayloadError),
    #[error("the owner's answer cannot be read")]
    Malformed,
}

/// Resolves when polls must not be held any longer.
async fn draining(gate: &Gate) {
    gate.draining().await;
    tokio::time::sleep(HELD_WHILE_DRAINING).await;
}

/// What is said about a request to its owner, whatever is asked.
struct Head<'a, U: UpperLayer> {
    engine: &'a Engine<U>,
    client: &'a Client,
    request: &'a HttpRequest,
    /// Where the owner is.
    address: &'a str,
    sid: &'a str,
}

impl<U: UpperLayer> Head<'_, U> {
    fn request(&self, method: &Method) -> Option<ClientRequest> {
        let request = self.request;
        let url = format!(
            "{}{}?{}",
            self.address.trim_end_matches('/'),
            request.path(),
            request.query_string()
        );
        let address = client_address(request, &self.engine.settings.trusted_proxies);
        let key = self.engine.sids.keys().first()?;
        let mut passed_on = self.client.request(method.clone(), url);
        for name in KEPT {
            for value in request.headers().get_all(&name) {
                passed_on = passed_on.append_header((name.clone(), value.clone()));
            }
        }
        let stamp = stamp(key, method.as_str(), self.sid, address);
        Some(passed_on.insert_header((STAMP, stamp)))
    }

    /// Has the owner end the client's poll. Should that fail, the poll ends with us.
    async fn release(&self) {
        let Some(release) = self.request(&RELEASE) else { return };
        if let Err(error) = release.send().await {
            tracing::debug!(%error, "a poll could not be released");
        }
    }

    async fn ask(&self, body: Bytes) -> Result<HttpResponse, ForwardError> {
        let passed_on = self.request(self.request.method()).ok_or(ForwardError::Malformed)?;
        read_answer(passed_on.send_body(body).await?).await
    }
}

async fn read_answer<S>(mut response: ClientResponse<S>) -> Result<HttpResponse, ForwardError>
where
    S: Stream<Item = Result<Bytes, PayloadError>>,
{
    let enveloped = response.headers().contains_key(ENVELOPED);
    let status = response.status();
    let content_type = response.headers().get(header::CONTENT_TYPE).cloned();
    let body = response.body().limit(ANSWER_MAX).await?;
    if !enveloped {
        // Refused before it reached the connection.
        let mut refused = HttpResponse::build(status);
        if let Some(content_type) = content_type {
            refused.insert_header((header::CONTENT_TYPE, content_type));
        }
        return Ok(refused.body(body));
    }
    let (head, body) = ForwardedHead::decode(body).ok_or(ForwardError::Malformed)?;
    let status = StatusCode::from_u16(head.status).map_err(|_| ForwardError::Malformed)?;
    let mut answer = HttpResponse::build(status);
    if let Some(content_type) = head.content_type {
        answer.content_type(content_type);
    }
    Ok(answer.insert_header((header::CACHE_CONTROL, "no-store")).body(body))
}

fn unknown() -> (HttpResponse, Forwarded) {
    let response = Refused::from(HandshakeError::SessionIdUnknown).respond(false);
    (response, Forwarded::OwnerGone)
}

/// What is left of the body is not read.
fn refused(response: &mut HttpResponseBuilder) -> (HttpResponse, Forwarded) {
    (response.force_close().finish(), Forwarded::Refused)
}
