//! The way from a user id in a payload to a verdict: gather the facts, ask the policy.

use shared_protocol::events::{AckError, ConversationId, Realm, UserId};

use super::directory::Directory;
use super::error::ReachError;
use super::policy::{Caller, Reachable, ReadFacts, Readable, SendFacts, may_read, may_send};
use super::store;

impl Directory {
    /// Leave to write to the user whom a payload names in `to`.
    pub async fn authorise_send(&self, caller: Caller<'_>, to: &str) -> Result<Reachable, AckError> {
        Ok(self.sending(caller, to).await?)
    }

    /// Leave to read the conversation with the user whom a payload names in `with`.
    pub async fn authorise_read(&self, caller: Caller<'_>, with: &str) -> Result<Readable, AckError> {
        Ok(self.reading(caller, with).await?)
    }

    async fn sending(&self, caller: Caller<'_>, to: &str) -> Result<Reachable, ReachError> {
        let to = parse("to", to)?;
        if to == *caller.user {
            return Err(ReachError::Oneself { field: "to" });
        }
        let realms = self.homes(&to, |realms| suffice(caller, realms)).await?;
        let peer_wrote_first = match caller.realm {
            // Asked of everybody who is no colleague, and of nobody as well: who is of the staff must not show in how long it takes.
            Realm::Tenant(tenant) if !realms.contains(caller.realm) => {
                let conversation = ConversationId::between(Some(tenant), caller.user, &to);
                store::has_written(&self.postgres, &conversation, &to).await?
            }
            Realm::Tenant(_) | Realm::Manage => false,
        };
        let facts = SendFacts {
            realms: &realms,
            peer_wrote_first,
        };
        may_send(caller, &to, facts).map_err(|refusal| ReachError::refused("to", refusal))
    }

    async fn reading(&self, caller: Caller<'_>, with: &str) -> Result<Readable, ReachError> {
        let with = parse("with", with)?;
        if with == *caller.user {
            return Err(ReachError::Oneself { field: "with" });
        }
        let realms = self.homes(&with, |realms| suffice(caller, realms)).await?;
        let conversations = if suffice(caller, &realms) {
            Vec::new()
        } else {
            store::conversations(&self.postgres, caller.user, &with).await?
        };
        let facts = ReadFacts {
            realms: &realms,
            conversations: &conversations,
        };
        may_read(caller, &with, facts).map_err(|refusal| ReachError::refused("with", refusal))
    }
}

fn parse(field: &'static str, text: &str) -> Result<UserId, ReachError> {
    UserId::parse(text).map_err(|fault| ReachError::BadId { field, fault })
}

/// Whether somebody who lives there is in reach, whatever else is the case.
fn suffice(caller: Caller<'_>, realms: &[Realm]) -> bool {
    match caller.realm {
        Realm::Manage => !realms.is_empty(),
        Realm::Tenant(_) => realms.contains(caller.realm),
    }
}
