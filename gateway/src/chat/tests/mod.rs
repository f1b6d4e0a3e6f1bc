//! The chat against a real Postgres.

mod listing;
mod marking;
mod outage;
mod plans;
mod reading;
mod scopes;
mod sending;
mod syncing;

use std::sync::{Arc, Mutex};

use harness::postgres::Postgres as Server;
use shared_protocol::events::{AckError, ErrorCode, Realm, TenantId, UserId};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{Announce, Announcement, ChatMetrics, ChatService, PendingMessage, RisenMark};
use crate::config::PostgresConfig;
use crate::db::{Postgres, migrations};
use crate::hub::SocketId;
use crate::reach::{Caller, Reachable, ReadFacts, Readable, SendFacts, may_read, may_send};
use crate::telemetry::Metrics;

/// A migrated database of one's own.
async fn database() -> Server {
    let server = Server::start();
    migrations::migrate(&PostgresConfig::plain(server.url(), 1), false)
        .await
        .unwrap();
    server
}

fn pool(server: &Server) -> Postgres {
    Postgres::new(&PostgresConfig::plain(server.url(), 8)).unwrap()
}

/// One gateway's chat, its writer running.
struct Chat {
    service: ChatService,
    announced: Arc<Mutex<Vec<Announcement>>>,
    risen: Arc<Mutex<Vec<RisenMark>>>,
    writer: JoinSet<()>,
    stop: CancellationToken,
}

impl Chat {
    fn start(server: &Server) -> Self {
        let announced = Arc::<Mutex<Vec<Announcement>>>::default();
        let risen = Arc::<Mutex<Vec<RisenMark>>>::default();
        let (heard, marked) = (Arc::clone(&announced), Arc::clone(&risen));
        let (service, writer) = ChatService::new(
            pool(server),
            4000,
            Announce {
                message: Box::new(move |announcement| heard.lock().unwrap().push(announcement.clone())),
                mark: Box::new(move |risen| marked.lock().unwrap().push(risen.clone())),
            },
            ChatMetrics::new(&mut Metrics::default()),
        );
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        tasks.spawn(writer.run(stop.clone()));
        Self {
            service,
            announced,
            risen,
            writer: tasks,
            stop,
        }
    }

    fn submit(&self, reachable: Reachable, body: &str, name: &str) -> PendingMessage {
        let draft = self.service.validate(body.to_owned(), name).unwrap();
        self.service.submit(reachable, draft, SocketId::random())
    }

    /// Numbers announced in one conversation, in the order of announcing.
    fn announced_seqs(&self, conversation: &str) -> Vec<i64> {
        let announced = self.announced.lock().unwrap();
        announced
            .iter()
            .filter(|announcement| announcement.message.conversation_id.as_str() == conversation)
            .map(|announcement| announcement.message.seq)
            .collect()
    }
}

fn user(id: &str) -> UserId {
    UserId::parse(id).unwrap()
}

/// `""` is the manage staff.
fn realm(tenant: &str) -> Realm {
    if tenant.is_empty() {
        Realm::Manage
    } else {
        Realm::Tenant(TenantId::parse(tenant).unwrap())
    }
}

/// Leave to write within one tenant.
fn send(tenant: &str, from: &str, to: &str) -> Reachable {
    let realm = realm(tenant);
    let caller = Caller {
        user: &user(from),
        realm: &realm,
    };
    let facts = SendFacts {
        realms: std::slice::from_ref(&realm),
        peer_wrote_first: false,
    };
    may_send(caller, &user(to), facts).unwrap()
}

/// Leave to read within one tenant.
fn read(tenant: &str, who: &str, with: &str) -> Readable {
    let realm = realm(tenant);
    let caller = Caller {
        user: &user(who),
        realm: &realm,
    };
    let facts = ReadFacts {
        realms: std::slice::from_ref(&realm),
        conversations: &[],
    };
    may_read(caller, &user(with), facts).unwrap()
}

#[track_caller]
fn code<T: std::fmt::Debug>(result: Result<T, AckError>) -> ErrorCode {
    result.unwrap_err().code
}
