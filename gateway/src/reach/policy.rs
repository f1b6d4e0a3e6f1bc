//! The rule itself, decided from the session and from facts alone. No I/O, no clock.
//!
//! | from \ to | same tenant | other tenant | manage user |
//! |---|---|---|---|
//! | tenant user | yes | never | only to answer one who wrote first |
//! | manage user | yes | yes | yes |
//!
//! Oneself: never, and that is the payload's fault. Everything else that is refused looks like an unknown user.

use shared_protocol::events::{ConversationId, Realm, TenantId, UserId};

/// Who asks: what the session says, nothing that the client sent.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// The session's user.
    pub user: &'a UserId,
    /// Where that user lives.
    pub realm: &'a Realm,
}

/// What is known about somebody one wants to write to.
#[derive(Clone, Copy, Debug)]
pub struct SendFacts<'a> {
    /// Where the directory has that id, most lately seen first. More than one when an id stands for people of several tenants.
    pub realms: &'a [Realm],
    /// Whether the peer has written to the caller in the conversation of the caller's tenant.
    pub peer_wrote_first: bool,
}

/// What is known about somebody whose conversation one wants to read.
#[derive(Clone, Copy, Debug)]
pub struct ReadFacts<'a> {
    /// As in [`SendFacts`].
    pub realms: &'a [Realm],
    /// Tenants of the conversations that the two have, the latest first; `None` stands for one between manage users.
    pub conversations: &'a [Option<TenantId>],
}

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The caller named themselves.
    Oneself,
    /// Unknown, or out of reach: nobody outside can tell which.
    NotFound,
}

/// Leave to write to somebody. Only [`may_send`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reachable {
    conversation: ConversationId,
    tenant: Option<TenantId>,
    recipient: UserId,
    recipient_realm: Realm,
    caller: UserId,
    caller_realm: Realm,
}

impl Reachable {
    /// The conversation of the two.
    pub fn conversation_id(&self) -> &ConversationId {
        &self.conversation
    }

    /// The conversation's tenant; `None` between two manage users.
    pub fn tenant(&self) -> Option<&TenantId> {
        self.tenant.as_ref()
    }

    /// To whom.
    pub fn recipient(&self) -> &UserId {
        &self.recipient
    }

    /// Where the recipient lives, and so in which namespace their sockets are.
    pub fn recipient_realm(&self) -> &Realm {
        &self.recipient_realm
    }

    /// From whom.
    pub fn caller(&self) -> &UserId {
        &self.caller
    }

    /// Where the sender lives.
    pub fn caller_realm(&self) -> &Realm {
        &self.caller_realm
    }
}

/// Leave to read the conversation with somebody, which may not exist yet. Only [`may_read`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readable {
    conversation: ConversationId,
    peer: UserId,
    peer_realm: Option<Realm>,
    caller: UserId,
    caller_realm: Realm,
}

impl Readable {
    /// The conversation of the two.
    pub fn conversation_id(&self) -> &ConversationId {
        &self.conversation
    }

    /// With whom.
    pub fn peer(&self) -> &UserId {
        &self.peer
    }

    /// Where the peer lives; `None` when the directory no longer knows them.
    pub fn peer_realm(&self) -> Option<&Realm> {
        self.peer_realm.as_ref()
    }

    /// Who reads.
    pub fn caller(&self) -> &UserId {
        &self.caller
    }

    /// Where the reader lives.
    pub fn caller_realm(&self) -> &Realm {
        &self.caller_realm
    }
}

/// The conversation that two users would have; its tenant is that of the tenant user(s).
fn conversation(caller: Caller<'_>, peer: &UserId, peer_realm: &Realm) -> ConversationId {
    let tenant = caller.realm.tenant().or(peer_realm.tenant());
    ConversationId::between(tenant, caller.user, peer)
}

/// Whether the caller may write to that user. The recipient must be in the directory.
pub fn may_send(caller: Caller<'_>, to: &UserId, facts: SendFacts<'_>) -> Result<Reachable, Refusal> {
    if caller.user == to {
        return Err(Refusal::Oneself);
    }
    let home = match caller.realm {
        // Staff reach everybody; of several homes, the one where the user was seen last is where their sockets are.
        Realm::Manage => facts.realms.first(),
        // One's own tenant, or staff who wrote first. A row of another tenant is not even looked at.
        Realm::Tenant(_) => facts.realms.iter().find(|realm| *realm == caller.realm).or_else(|| {
            facts
                .realms
                .iter()
                .find(|realm| **realm == Realm::Manage && facts.peer_wrote_first)
        }),
    };
    let home = home.ok_or(Refusal::NotFound)?;
    Ok(Reachable {
        conversation: conversation(caller, to, home),
        tenant: caller.realm.tenant().or(home.tenant()).cloned(),
        recipient: to.clone(),
        recipient_realm: home.clone(),
        caller: caller.user.clone(),
        caller_realm: caller.realm.clone(),
    })
}

/// Whether the caller may read the conversation with that user: one that exists in the caller's scope, or one with somebody
/// whom they may write to without being asked.
pub fn may_read(caller: Caller<'_>, with: &UserId, facts: ReadFacts<'_>) -> Result<Readable, Refusal> {
    if caller.user == with {
        return Err(Refusal::Oneself);
    }
    let readable = |tenant: Option<&TenantId>, peer_realm: Option<&Realm>| Readable {
        conversation: ConversationId::between(tenant, caller.user, with),
        peer: with.clone(),
        peer_realm: peer_realm.cloned(),
        caller: caller.user.clone(),
        caller_realm: caller.realm.clone(),
    };
    match caller.realm {
        Realm::Manage => match facts.realms.first() {
            Some(home) => Ok(readable(home.tenant(), Some(home))),
            // Gone from the directory; what was written stays readable.
            None => facts
                .conversations
                .first()
                .map(|tenant| readable(tenant.as_ref(), None))
                .ok_or(Refusal::NotFound),
        },
        Realm::Tenant(tenant) => {
            let colleague = facts.realms.iter().find(|realm| *realm == caller.realm);
            let exists = facts.conversations.iter().any(|other| other.as_ref() == Some(tenant));
            if colleague.is_none() && !exists {
                return Err(Refusal::NotFound);
            }
            let staff = facts.realms.iter().find(|realm| **realm == Realm::Manage);
            Ok(readable(Some(tenant), colleague.or(staff)))
        }
    }
}
