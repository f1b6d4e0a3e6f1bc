//! Whatever was tried before, nobody reaches or reads beyond their realm: random attempts to write, then every road by which rows come
//! back, against a model that knows the table "Reach" and nothing of the code.

use std::collections::{BTreeMap, BTreeSet};

use harness::postgres::Postgres as Server;
use proptest::prelude::*;
use proptest::test_runner::{TestError, TestRunner};
use shared_protocol::events::{AckError, ErrorCode, Realm, SyncRequest};
use tokio::runtime::Handle;
use uuid::Uuid;

use super::{Chat, database, pool, realm, user};
use crate::hub::SocketId;
use crate::reach::{Caller, Directory};

/// Everybody: home (`""` is the staff's) and id, the lately seen last. Ids of tenants' users are given out more than once.
const PEOPLE: [(&str, &str); 11] = [
    ("acme", "1"),
    ("acme", "2"),
    ("acme", "3"),
    ("globex", "1"),
    ("globex", "2"),
    ("globex", "4"),
    ("initech", "3"),
    ("initech", "5"),
    ("", "s1"),
    ("", "s2"),
    ("", "s3"),
];
/// Ids that are asked about; the last is nobody's.
const IDS: [&str; 9] = ["1", "2", "3", "4", "5", "s1", "s2", "s3", "9"];
const CASES: u32 = 8;

/// A message that was let through, as the model has it.
#[derive(Clone, Debug)]
struct Sent {
    tenant: &'static str,
    from: &'static str,
    to: &'static str,
}

impl Sent {
    fn conversation(&self) -> String {
        conversation(self.tenant, self.from, self.to)
    }

    /// Whether the message is in the scope of somebody.
    fn concerns(&self, (home, id): (&str, &str)) -> bool {
        [self.from, self.to].contains(&id) && (home.is_empty() || home == self.tenant)
    }
}

fn conversation(tenant: &str, one: &str, other: &str) -> String {
    format!("{tenant}:{}:{}", one.min(other), one.max(other))
}

/// The home in which somebody of `home` may write to that id, by the table; `sent` tells which staff have written first.
fn writable(sent: &[Sent], (home, me): (&str, &str), id: &str) -> Option<&'static str> {
    let homes = || PEOPLE.iter().filter(|(_, other)| *other == id).map(|(home, _)| *home);
    if home.is_empty() {
        return homes().next_back();
    }
    let has_written = |from: &str| {
        sent.iter()
            .any(|sent| sent.tenant == home && sent.from == from && sent.to == me)
    };
    homes().find(|other| *other == home || (other.is_empty() && has_written(id)))
}

/// The conversation with that id that somebody of `home` may read.
fn readable(sent: &[Sent], (home, me): (&str, &str), id: &str) -> Option<String> {
    let exists = || {
        sent.iter()
            .find(|sent| sent.concerns((home, me)) && [sent.from, sent.to].contains(&id))
    };
    let tenant = match writable(sent, (home, me), id) {
        Some(other) if home.is_empty() => Some(other),
        Some(_) => Some(home),
        None => exists().map(|sent| sent.tenant),
    };
    tenant.map(|tenant| conversation(tenant, me, id))
}

struct World {
    server: Server,
    chat: Chat,
    directory: Directory,
    homes: BTreeMap<&'static str, Realm>,
}

impl World {
    async fn new() -> Self {
        let server = database().await;
        for (minute, (home, id)) in PEOPLE.iter().enumerate() {
            let kind = if home.is_empty() { "manage" } else { "tenant" };
            server.sql(&format!(
                r#"insert into realtime."ChatUser" values
                   ('{id}', '{home}', '{home} {id}', '{kind}', '2026-01-01 00:{minute:02}:00Z')"#
            ));
        }
        Self {
            chat: Chat::start(&server),
            directory: Directory::new(pool(&server)).0,
            homes: PEOPLE.iter().map(|(home, _)| (*home, realm(home))).collect(),
            server,
        }
    }

    /// Tries to write, in this order; answers what went through.
    async fn attempt(&self, attempts: &[(usize, usize)]) -> Vec<Sent> {
        self.server
            .sql(r#"truncate realtime."ChatMessage", realtime."ChatConversation""#);
        let mut sent: Vec<Sent> = Vec::new();
        for (from, to) in attempts {
            let (person, to) = (PEOPLE[*from], IDS[*to]);
            let (home, from) = person;
            let (me, verdict) = (
                user(from),
                self.directory.authorise_send(self.caller(home, &user(from)), to).await,
            );
            let Some(other) = writable(&sent, person, to).filter(|_| to != from) else {
                self.assert_refused(verdict.map(drop), person, to, "to").await;
                continue;
            };
            let reachable = verdict.unwrap();
            let tenant = if home.is_empty() { other } else { home };
            assert_eq!(
                reachable.conversation_id().as_str(),
                conversation(tenant, me.as_str(), to)
            );
            assert_eq!(*reachable.recipient_realm(), realm(other));
            let stored = self
                .chat
                .submit(reachable, "hi", &Uuid::now_v7().to_string())
                .await
                .unwrap();
            assert_eq!(
                stored.message.tenant_id.as_ref().map_or("", |tenant| tenant.as_str()),
                tenant
            );
            sent.push(Sent { tenant, from, to });
        }
        sent
    }

    fn caller<'a>(&'a self, home: &str, user: &'a shared_protocol::events::UserId) -> Caller<'a> {
        Caller {
            user,
            realm: &self.homes[home],
        }
    }

    /// Refused with the very words that an unknown id gets.
    async fn assert_refused(&self, verdict: Result<(), AckError>, (home, me): (&str, &str), id: &str, field: &str) {
        let error = verdict.unwrap_err();
        if id == me {
            assert_eq!(error.code, ErrorCode::InvalidPayload);
            return;
        }
        let (me, unknown) = (user(me), "nobody");
        let unknown = match field {
            "to" => self
                .directory
                .authorise_send(self.caller(home, &me), unknown)
                .await
                .map(drop),
            _ => self
                .directory
                .authorise_read(self.caller(home, &me), unknown)
                .await
                .map(drop),
        };
        assert_eq!(error.code, ErrorCode::RecipientNotFound);
        assert_eq!(Err(error), unknown);
    }

    async fn assert_sees_its_own_alone(&self, sent: &[Sent], person: (&'static str, &'static str)) {
        let (home, id) = person;
        let me = user(id);
        let caller = self.caller(home, &me);
        let own: Vec<&Sent> = sent.iter().filter(|sent| sent.concerns(person)).collect();
        let conversations: BTreeSet<String> = own.iter().map(|sent| sent.conversation()).collect();

        // All, and by name: those of everybody.
        let since: BTreeMap<String, i64> = sent.iter().map(|sent| (sent.conversation(), 0)).collect();
        let named = serde_json::json!({ "since": since, "others": "none", "limit": 1000 });
        let all = serde_json::json!({ "since": {}, "limit": 1000 });
        for request in [named, all] {
            let request: SyncRequest = serde_json::from_value(request).unwrap();
            let page = self.chat.service.sync(caller, &request).await.unwrap();
            let reads: BTreeSet<String> = page.reads.keys().map(|id| id.as_str().to_owned()).collect();
            assert_eq!(
                (page.messages.len(), &reads),
                (own.len(), &conversations),
                "sync of {person:?}"
            );
            assert!(
                page.messages
                    .iter()
                    .all(|message| conversations.contains(message.conversation_id.as_str()))
            );
        }

        let page = self.chat.service.conversations(caller, None, Some(100)).await.unwrap();
        let listed: BTreeSet<String> = page
            .conversations
            .iter()
            .map(|c| c.conversation_id.as_str().to_owned())
            .collect();
        assert_eq!(listed, conversations, "list of {person:?}");
        for entry in &page.conversations {
            // The peer is of the conversation's tenant or of the staff, whoever else has that id.
            let tenant = entry.conversation_id.tenant().unwrap_or_default();
            let (name, peer) = (entry.peer.name.clone().unwrap(), entry.peer.id.as_str());
            assert!(
                name == format!("{tenant} {peer}") || name == format!(" {peer}"),
                "{name} in {tenant}"
            );
        }

        let unread = self.chat.service.unread_total(caller).await.unwrap();
        assert_eq!(
            usize::try_from(unread).unwrap(),
            own.iter().filter(|sent| sent.to == id).count(),
            "unread of {person:?}"
        );

        let found = self.directory.search(caller, "", Some(50)).await.unwrap();
        let found: BTreeSet<String> = found.into_iter().filter_map(|user| user.name).collect();
        let scope = PEOPLE.iter().filter(|(other, _)| home.is_empty() || *other == home);
        assert_eq!(
            found,
            scope.map(|(home, id)| format!("{home} {id}")).collect(),
            "search of {person:?}"
        );

        for peer in IDS {
            let verdict = self.directory.authorise_read(caller, peer).await;
            let Some(conversation) = readable(sent, person, peer).filter(|_| peer != id) else {
                self.assert_refused(verdict.map(drop), person, peer, "with").await;
                continue;
            };
            let readable = verdict.unwrap();
            assert_eq!(
                readable.conversation_id().as_str(),
                conversation,
                "{person:?} with {peer}"
            );
            let page = self
                .chat
                .service
                .history(&readable, None, None, Some(200))
                .await
                .unwrap();
            let expected = sent.iter().filter(|sent| sent.conversation() == conversation).count();
            assert_eq!(page.messages.len(), expected, "{person:?} with {peer}");
            let delivered = self
                .chat
                .service
                .delivered(&readable, i64::MAX, &SocketId::random())
                .await
                .unwrap();
            assert_eq!(usize::try_from(delivered.up_to_seq).unwrap(), expected);
        }
    }

    /// One's own tenant and the staff among themselves can write both ways or not at all.
    async fn assert_symmetric(&self) {
        for (home, one) in PEOPLE {
            for (_, other) in PEOPLE.iter().filter(|(other, id)| *other == home && *id != one) {
                let [from, to] = [user(one), user(other)];
                let there = self.directory.authorise_send(self.caller(home, &from), other).await;
                let back = self.directory.authorise_send(self.caller(home, &to), one).await;
                // Staff are seen where their id was seen last, which nobody else here has.
                assert_eq!(there.unwrap().conversation_id(), back.unwrap().conversation_id());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reaches_or_reads_beyond_their_realm_whatever_was_tried() {
    let world = World::new().await;
    world.assert_symmetric().await;
    let attempts = prop::collection::vec((0..PEOPLE.len(), 0..IDS.len()), 0..60);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(CASES));
    let outcome = tokio::task::block_in_place(|| {
        runner.run(&attempts, |attempts| {
            Handle::current().block_on(async {
                let sent = world.attempt(&attempts).await;
                for person in PEOPLE {
                    world.assert_sees_its_own_alone(&sent, person).await;
                }
            });
            Ok(())
        })
    });
    if let Err(TestError::Fail(reason, attempts)) = outcome {
        panic!("{reason}, after {attempts:?}");
    }
}
