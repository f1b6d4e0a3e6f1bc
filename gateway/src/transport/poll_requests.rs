//! GET and POST of a polling connection (Engine.IO §polling): reads the body, asks the connection's task, answers.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use shared_protocol::bus::ForwardedHead;
use shared_protocol::engineio::{HandshakeError, payload};
use tokio::sync::oneshot;

use super::answer::{self, Refused};
use super::endpoint::Engine;
use super::forward::{ENVELOPED, RELEASE};
use super::polling::{PollAnswer, PollingRequest, PostAnswer};
use super::registry::Entry;
use crate::socket::UpperLayer;

/// Packets of one POST: many tiny ones would cost more than their bytes (CVE-2020-36048).
const PACKETS_MAX: usize = 1024;

/// Answers a request of a polling connection.
pub(super) async fn serve<U: UpperLayer>(
    engine: &Engine<U>,
    entry: &Entry<U>,
    request: &HttpRequest,
    body: web::Payload,
) -> HttpResponse {
    match *request.method() {
        Method::GET => poll(entry).await,
        Method::POST => post(engine, entry, request, body).await,
        ref method => answer::unknown_method(method),
    }
}

/// Answers a request that a peer has passed on: the head at once, as a sign of life, the rest when it is known.
pub(super) fn serve_peer<U: UpperLayer>(
    engine: web::Data<Engine<U>>,
    entry: Arc<Entry<U>>,
    request: HttpRequest,
    body: web::Payload,
) -> HttpResponse {
    let answer = async move {
        let response = if request.method() == RELEASE {
            ask(&entry, PollingRequest::Release).await;
            answer::taken()
        } else {
            serve(&engine, &entry, &request, body).await
        };
        let content_type = response
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let head = ForwardedHead::new(response.status().as_u16(), content_type.map(str::to_owned));
        let body = actix_web::body::to_bytes(response.into_body()).await?;
        Ok::<_, Box<dyn std::error::Error>>(head.encode(&body))
    };
    HttpResponse::Ok()
        .insert_header((ENVELOPED, "1"))
        .streaming(futures_util::stream::once(answer))
}

async fn poll<U: UpperLayer>(entry: &Entry<U>) -> HttpResponse {
    let (reply, answered) = oneshot::channel();
    ask(entry, PollingRequest::Poll(reply)).await;
    match answered.await {
        Ok(PollAnswer::Payload(payload)) => answer::payload(payload),
        Ok(PollAnswer::Refused) => HttpResponse::BadRequest().finish(),
        // The connection ended before it saw the poll.
        Err(_) => unknown(),
    }
}

async fn post<U: UpperLayer>(
    engine: &Engine<U>,
    entry: &Entry<U>,
    request: &HttpRequest,
    body: web::Payload,
) -> HttpResponse {
    if entry.is_posting.swap(true, Ordering::AcqRel) {
        ask(entry, PollingRequest::Violation("two_posts")).await;
        return HttpResponse::BadRequest().finish();
    }
    let mut posting = Posting { entry, is_whole: false };
    if is_octet_stream(request) {
        ask(entry, PollingRequest::Violation("octet_stream")).await;
        return HttpResponse::BadRequest().finish();
    }
    let body = tokio::select! {
        body = read(body, engine.settings.engine.max_payload) => body,
        // Nobody wants the rest: the client may never send it.
        () = ended(entry) => return HttpResponse::BadRequest().force_close().finish(),
    };
    let body = match body {
        Ok(body) => body,
        Err(BodyError::TooLarge) => {
            posting.is_whole = true;
            return HttpResponse::PayloadTooLarge().force_close().finish();
        }
        Err(BodyError::Broken) => return HttpResponse::BadRequest().finish(),
    };
    posting.is_whole = true;
    let (packets, fault) = payload::decode(&body, PACKETS_MAX);
    let (reply, answered) = oneshot::channel();
    ask(entry, PollingRequest::Post { packets, fault, reply }).await;
    match answered.await {
        Ok(PostAnswer::Ok) => answer::taken(),
        Ok(PostAnswer::Refused) => HttpResponse::BadRequest().finish(),
        Err(_) => unknown(),
    }
}

async fn ask<U: UpperLayer>(entry: &Entry<U>, request: PollingRequest<U>) {
    if let Some(requests) = &entry.requests {
        // Fails when the connection has ended; the reply is dropped with the request then.
        let _ = requests.send(request).await;
    }
}

/// Resolves when the connection is over.
async fn ended<U: UpperLayer>(entry: &Entry<U>) {
    match &entry.requests {
        Some(requests) => requests.closed().await,
        None => std::future::pending().await,
    }
}

fn unknown() -> HttpResponse {
    Refused::from(HandshakeError::SessionIdUnknown).respond(false)
}

/// Why a body could not be read.
pub(super) enum BodyError {
    TooLarge,
    Broken,
}

/// Reads a body, never more than the limit: what a client declares is not believed.
pub(super) async fn read(mut body: web::Payload, limit: usize) -> Result<Bytes, BodyError> {
    let mut read = BytesMut::new();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|_| BodyError::Broken)?;
        if read.len() + chunk.len() > limit {
            return Err(BodyError::TooLarge);
        }
        read.extend_from_slice(&chunk);
    }
    Ok(read.freeze())
}

fn is_octet_stream(request: &HttpRequest) -> bool {
    request
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|content_type| content_type.as_bytes().starts_with(b"application/octet-stream"))
}

/// A POST that is under way.
///
/// Takes the mark away however the request ends. A client that gave up before all of it had come has lost packets, and
/// with them its connection, as with a poll that it gives up.
struct Posting<'a, U: UpperLayer> {
    entry: &'a Entry<U>,
    is_whole: bool,
}

impl<U: UpperLayer> Drop for Posting<'_, U> {
    fn drop(&mut self) {
        self.entry.is_posting.store(false, Ordering::Release);
        if !self.is_whole
            && let Some(requests) = &self.entry.requests
        {
            // Fails when the connection has ended, or is so far behind that it will: then the beat ends it.
            let _ = requests.try_send(PollingRequest::Violation("post_cut_off"));
        }
    }
}
