//! The upgrade from polling to a WebSocket (Engine.IO §upgrade).
//!
//! The WebSocket's task asks the polling task for leave, answers the probe, and on the client's `5` takes the whole
//! connection over: outgoing packets stay in one queue, so nothing is lost, doubled or reordered on the way.

use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, rt, web};
use bytestring::ByteString;
use shared_protocol::engineio::Packet;
use tokio::sync::{mpsc, oneshot};

use super::answer::Refused;
use super::core::Core;
use super::endpoint::Engine;
use super::open::accept;
use super::polling::PollingRequest;
use super::query::Query;
use super::registry::Entry;
use super::websocket::WebSocket;
use super::websocket_loop;
use crate::socket::UpperLayer;

/// Time from the WebSocket's opening to the client's `5`.
const UPGRADE_TIMEOUT: Duration = Duration::from_secs(10);
const PROBE: &str = "probe";

/// Answers a WebSocket request that names a connection. The answer is 101 even when it comes to nothing: a second WebSocket
/// is opened and closed at once, as the reference does.
pub(super) fn serve<U: UpperLayer>(
    engine: &web::Data<Engine<U>>,
    entry: &Entry<U>,
    request: &HttpRequest,
    body: web::Payload,
    query: &Query,
) -> Result<HttpResponse, Refused> {
    let (response, mut websocket) = accept(engine, request, body, query)?;
    let requests = entry.requests.clone();
    let metrics = Arc::clone(&engine.metrics);
    rt::spawn(async move {
        let Some(requests) = requests else {
            return websocket.close(None).await;
        };
        let upgraded = upgrade(&requests, &mut websocket).await;
        metrics.upgraded(upgraded.is_some());
        match upgraded {
            Some(core) => websocket_loop::run(core, websocket).await,
            None => websocket.close(None).await,
        }
    });
    Ok(response)
}

/// Leads the upgrade to its end. `None`: polling goes on as if nothing had been.
async fn upgrade<U: UpperLayer>(
    requests: &mpsc::Sender<PollingRequest<U>>,
    websocket: &mut WebSocket,
) -> Option<Core<U>> {
    let (reply, first) = oneshot::channel();
    requests.send(PollingRequest::Probing(reply)).await.ok()?;
    if !first.await.unwrap_or(false) {
        return None;
    }
    let agreed = tokio::select! {
        agreed = tokio::time::timeout(UPGRADE_TIMEOUT, agree(requests, websocket)) => agreed.unwrap_or(false),
        // The connection ended while its client was upgrading.
        () = requests.closed() => return None,
    };
    if !agreed {
        let _ = requests.send(PollingRequest::ProbeFailed).await;
        return None;
    }
    let (reply, core) = oneshot::channel();
    requests.send(PollingRequest::TakeOver(reply)).await.ok()?;
    core.await.ok()
}

/// `2probe` → `3probe`, as often as the client asks, then `5`. Anything else ends the WebSocket alone.
async fn agree<U: UpperLayer>(requests: &mpsc::Sender<PollingRequest<U>>, websocket: &mut WebSocket) -> bool {
    loop {
        match websocket.receive().await {
            Ok(Packet::Ping(content)) if content == PROBE => {
                let pong = Packet::Pong(ByteString::from_static(PROBE));
                if websocket.send(&pong).await.is_err() || requests.send(PollingRequest::Probed).await.is_err() {
                    return false;
                }
            }
            Ok(Packet::Upgrade) => return true,
            _ => return false,
        }
    }
}
