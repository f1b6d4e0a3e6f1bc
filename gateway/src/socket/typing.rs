//! `typing`: told to the peer's sockets when they are online, at most once a second a pair, and dropped where it would be late.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use shared_protocol::bus::{Envelope, Scope};
use shared_protocol::events::names::to_client::TYPING;
use shared_protocol::events::{AckError, ConversationId, Nothing, TenantId, TypingNotice, TypingRequest, UserId};
use shared_protocol::socketio::Frame;
use tokio::time::Instant;

use super::context::SocketContext;
use crate::reach::Reachable;

/// Between two notices that somebody writes to the same peer.
const PERIOD: Duration = Duration::from_secs(1);
/// Pairs that are remembered before those are forgotten whose period is over.
const PAIRS_MAX: usize = 10_000;

/// Who has lately been told that who writes, on this instance: by conversation, so that a pair of another tenant with the same ids is
/// another pair, and by who writes in it.
#[derive(Debug, Default)]
pub struct TypingThrottle(Mutex<HashMap<(ConversationId, UserId), Instant>>);

impl TypingThrottle {
    /// Whether a pair's period is over; then it begins anew.
    fn lets_through(&self, conversation: &ConversationId, from: &UserId, now: Instant) -> bool {
        let mut pairs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if pairs.len() >= PAIRS_MAX {
            pairs.retain(|_, told_at| now.duration_since(*told_at) < PERIOD);
        }
        let pair = (conversation.clone(), from.clone());
        if pairs
            .get(&pair)
            .is_some_and(|told_at| now.duration_since(*told_at) < PERIOD)
        {
            return false;
        }
        pairs.insert(pair, now);
        true
    }
}

/// Tells the peer, if they may be told and are there.
pub(super) async fn typing(context: &SocketContext, request: &TypingRequest) -> Result<Nothing, AckError> {
    let reachable = context.may_send(&request.to).await?;
    let portals = &context.portals;
    // Where presence does not know (a realm that nobody here is in), the bus does: without sockets nobody has subscribed.
    let is_offline = portals
        .presence
        .is_online(reachable.recipient(), reachable.recipient_realm())
        == Some(false);
    // That somebody has stopped is never held back: it ends what the peer is shown.
    let is_due = !request.typing
        || portals
            .typing
            .lets_through(reachable.conversation_id(), reachable.caller(), Instant::now());
    if is_due && !is_offline {
        tell(context, &reachable, request.typing);
    }
    Ok(Nothing {})
}

fn tell(context: &SocketContext, reachable: &Reachable, typing: bool) {
    let namespace = reachable.recipient_realm().namespace();
    let notice = TypingNotice {
        from: reachable.caller().clone(),
        typing,
    };
    let Ok(frame) = Frame::event(namespace.as_str(), TYPING, &notice) else {
        return;
    };
    let scope = Scope::of_conversation(reachable.tenant().map(TenantId::as_str));
    let mut envelope = Envelope::new(scope, frame);
    envelope.volatile = true;
    let portals = &context.portals;
    let channel = portals.keys.user(namespace, reachable.recipient());
    portals.bus.publish(channel, envelope.encode());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conversation(tenant: &str, other: &str) -> ConversationId {
        let [alice, other] = ["alice", other].map(|id| UserId::parse(id).unwrap());
        ConversationId::between(Some(&TenantId::parse(tenant).unwrap()), &alice, &other)
    }

    #[test]
    fn a_pair_is_told_once_a_second() {
        let throttle = TypingThrottle::default();
        let [alice, bob] = ["alice", "bob"].map(|id| UserId::parse(id).unwrap());
        let (theirs, now) = (conversation("acme", "bob"), Instant::now());
        assert!(throttle.lets_through(&theirs, &alice, now));
        assert!(!throttle.lets_through(&theirs, &alice, now + PERIOD / 2));
        assert!(
            throttle.lets_through(&theirs, &bob, now),
            "the other way is another pair"
        );
        assert!(
            throttle.lets_through(&conversation("globex", "bob"), &alice, now),
            "the same ids in another tenant are other people"
        );
        assert!(throttle.lets_through(&theirs, &alice, now + PERIOD));
    }

    #[test]
    fn old_pairs_are_forgotten() {
        let throttle = TypingThrottle::default();
        let alice = UserId::parse("alice").unwrap();
        let now = Instant::now();
        for number in 0..PAIRS_MAX {
            throttle.lets_through(&conversation("acme", &format!("u{number}")), &alice, now);
        }
        throttle.lets_through(&conversation("acme", "late"), &alice, now + PERIOD);
        assert_eq!(throttle.0.lock().unwrap().len(), 1);
    }
}
