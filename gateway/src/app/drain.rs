//! Sends the sockets of a stopping instance away, spread over the drain so that the others can take them.

use std::sync::Arc;
use std::time::Duration;

use rand::RngExt as _;
use rand::seq::SliceRandom as _;
use shared_protocol::events::ServerDraining;
use shared_protocol::events::names::to_client::SERVER_DRAINING;
use shared_protocol::socketio::Frame;
use tokio::time::{Instant, sleep_until};

use crate::hub::{EndReason, Hub, Member};
use crate::transport::Gate;

/// How long the last farewells may take.
const FAREWELL: Duration = Duration::from_secs(1);
const POLL: Duration = Duration::from_millis(20);

/// Tells every socket when its turn comes, and ends its connection then, without `41`, so that clients come back by
/// themselves, elsewhere. Returns as soon as nobody is left, and a second after the drain at the latest.
pub(super) async fn drain(hub: &Hub, gate: &Gate, over: Duration) {
    let turns = turns(hub.all(), over);
    let now = Instant::now();
    for (turn, member) in &turns {
        tell(member, turn.duration_since(now));
    }
    tokio::select! {
        () = send_away(hub, turns, now + over) => {}
        () = empty(gate) => return,
    }
    if tokio::time::timeout(FAREWELL, empty(gate)).await.is_err() {
        tracing::warn!(connections = gate.connections(), "some connections did not end in time");
    }
}

/// One turn for each, the time divided evenly and every turn at a random point of its part: no two drains of a fleet beat in
/// time, and nobody is last because they came last.
fn turns(mut members: Vec<Arc<Member>>, over: Duration) -> Vec<(Instant, Arc<Member>)> {
    let mut rng = rand::rng();
    members.shuffle(&mut rng);
    let now = Instant::now();
    let part = over.div_f64(f64::from(u32::try_from(members.len()).unwrap_or(u32::MAX)).max(1.0));
    let mut begins = now;
    let turn = |member| {
        let turn = begins + part.mul_f64(rng.random_range(0.0..1.0));
        begins += part;
        (turn, member)
    };
    members.into_iter().map(turn).collect()
}

async fn send_away(hub: &Hub, turns: Vec<(Instant, Arc<Member>)>, end: Instant) {
    for (turn, member) in turns {
        sleep_until(turn).await;
        member.mailbox.end(None, EndReason::Draining);
    }
    sleep_until(end).await;
    // Those whose CONNECT was under way when the drain began.
    for member in hub.all() {
        tell(&member, Duration::ZERO);
        member.mailbox.end(None, EndReason::Draining);
    }
}

fn tell(member: &Member, reconnect_in: Duration) {
    let reconnect_in_ms = u64::try_from(reconnect_in.as_millis()).unwrap_or(u64::MAX);
    let frame = Frame::event(
        member.namespace.as_str(),
        SERVER_DRAINING,
        &ServerDraining { reconnect_in_ms },
    );
    if let Ok(frame) = frame {
        member.mailbox.deliver(member.key, frame);
    }
}

async fn empty(gate: &Gate) {
    while gate.connections() > 0 {
        tokio::time::sleep(POLL).await;
    }
}
