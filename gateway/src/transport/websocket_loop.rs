//! The loop of a connection over a WebSocket.

use actix_ws::CloseCode;
use tokio::time::Instant;

use super::connection::{close, guarded};
use super::core::Core;
use super::websocket::{WebSocket, WebSocketError};
use crate::socket::{DisconnectReason, UpperLayer};

/// Runs the connection to its end. What waits in the core is written first.
pub(super) async fn run<U: UpperLayer>(mut core: Core<U>, mut websocket: WebSocket) {
    let panicked = || Ended {
        reason: DisconnectReason::Panicked,
        close_code: None,
    };
    let Ended { reason, close_code } =
        guarded(core.connection_id.clone(), turn(&mut core, &mut websocket), panicked).await;
    let farewell = core.take_outgoing();
    let last_words = async {
        let _ = websocket.send_all(farewell).await;
        websocket.close(close_code).await;
    };
    close(core, reason).after(last_words).await;
}

/// Five inputs: a packet from the client, the mailbox, a handler that has finished, and the deadlines of beat and join.
/// Shutdown comes through the mailbox, so that it has its place behind what already waits.
async fn turn<U: UpperLayer>(core: &mut Core<U>, websocket: &mut WebSocket) -> Ended {
    let timer = tokio::time::sleep_until(core.deadline());
    tokio::pin!(timer);
    loop {
        let outgoing = core.take_outgoing();
        if !outgoing.is_empty()
            && let Err(error) = websocket.send_all(outgoing).await
        {
            return error.into();
        }
        let deadline = core.deadline();
        if timer.deadline() != deadline {
            timer.as_mut().reset(deadline);
        }
        let step = tokio::select! {
            received = websocket.receive(), if core.upper.wants_input() => match received {
                Ok(packet) => core.on_packet(packet),
                Err(error) => return error.into(),
            },
            deliveries = core.inbox.take(), if core.upper.wants_deliveries() => core.on_deliveries(deliveries),
            output = core.upper.advance() => core.on_output(output),
            () = &mut timer => core.on_deadline(Instant::now()),
        };
        if let Err(reason) = step {
            return Ended {
                reason,
                close_code: None,
            };
        }
    }
}

struct Ended {
    reason: DisconnectReason,
    close_code: Option<CloseCode>,
}

impl From<WebSocketError> for Ended {
    fn from(error: WebSocketError) -> Self {
        Self {
            reason: error.reason(),
            close_code: error.close_code(),
        }
    }
}
