//! Sends the sockets of a stopping instance away, spread over the drain so that the others can take them.

use std::time::Duration;

use rand::seq::SliceRandom as _;
use serde::Serialize;
use shared_protocol::events::names::to_client::SERVER_DRAINING;
use shared_protocol::socketio::Frame;

use crate::hub::{EndReason, Hub};
use crate::transport::Gate;

/// Steps in the time of a drain.
const STEPS: usize = 40;
/// How long the last farewells may take.
const FAREWELL: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(20);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Draining {
    reconnect_in_ms: u64,
}

/// Ends every connection without `41`, so that clients come back by themselves, elsewhere.
pub(super) async fn drain(hub: &Hub, gate: &Gate, over: Duration) {
    let mut members = hub.all();
    members.shuffle(&mut rand::rng());
    let step = members.len().div_ceil(STEPS).max(1);
    let pause = over / u32::try_from(STEPS).unwrap_or(1);
    for some in members.chunks(step) {
        for member in some {
            let farewell = Frame::event(
                member.namespace.as_str(),
                SERVER_DRAINING,
                &Draining { reconnect_in_ms: 0 },
            );
            if let Ok(frame) = farewell {
                member.mailbox.deliver(member.key, frame);
            }
            member.mailbox.end(None, EndReason::Draining);
        }
        if gate.connections() == 0 {
            return;
        }
        tokio::time::sleep(pause).await;
    }
    // Those that came in at the last moment, or have not joined anything.
    for member in hub.all() {
        member.mailbox.end(None, EndReason::Draining);
    }
    let all_gone = async {
        while gate.connections() > 0 {
            tokio::time::sleep(POLL).await;
        }
    };
    if tokio::time::timeout(FAREWELL, all_gone).await.is_err() {
        tracing::warn!(connections = gate.connections(), "some connections did not end in time");
    }
}
