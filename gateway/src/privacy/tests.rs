//! Against a real Postgres and a real Redis.

use std::time::Duration;

use futures_util::StreamExt as _;
use harness::postgres::Postgres as Server;
use harness::redis::RedisServer;
use shared_protocol::events::UserId;

use super::{Erased, ErasureError, Patience, Pruned, erase_user, prune};
use crate::config::{PostgresConfig, RedisConfig, Secret};
use crate::db::{Postgres, Redis, migrations};

const DAY: Duration = Duration::from_hours(24);
const SHORT: Patience = Patience {
    pause: Duration::from_millis(20),
    at_least: Duration::from_millis(100),
    at_most: Duration::from_secs(2),
};

struct Stores {
    server: Server,
    postgres: Postgres,
}

impl Stores {
    async fn start() -> Self {
        let server = Server::start();
        migrations::migrate(&PostgresConfig::plain(server.url(), 1), false)
            .await
            .unwrap();
        let config = PostgresConfig::plain(server.url(), 2);
        let postgres = Postgres::new(&config).unwrap();
        Self { server, postgres }
    }

    /// Messages `from` to `to` of one conversation, each a minute younger than the one before, the last one `age` old.
    fn messages(&self, sender: &str, recipient: &str, (from, to): (u32, u32), age: &str) {
        self.server.sql(&format!(
            r#"insert into realtime."ChatConversation" (id, "tenantId", "userA", "userB", "lastSeq", "lastMessageAt")
               values ('t:alice:bob', 't', 'alice', 'bob', {to}, now()) on conflict (id) do update set "lastSeq" = {to};
               insert into realtime."ChatMessage"
               select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid,
                      't:alice:bob', n, 't', '{sender}', '{recipient}', 'text ' || n, 'name ' || n, at
               from generate_series({from}, {to}) n,
                    lateral (select now() - interval '{age}' - ({to} - n) * interval '1 minute' as at) x"#
        ));
    }

    fn count(&self, condition: &str) -> u32 {
        let count = self.server.sql(&format!(
            r#"select count(*) from realtime."ChatMessage" where {condition}"#
        ));
        count.parse().unwrap()
    }

    async fn prune(&self, days: u32) -> (Pruned, Vec<u64>) {
        let mut told = Vec::new();
        let pruned = prune(&self.postgres, DAY * days, |messages| told.push(messages)).await;
        (pruned.unwrap(), told)
    }
}

fn redis(server: &RedisServer) -> Redis {
    Redis::new(&RedisConfig {
        url: Secret::new(server.url()),
        prefix: String::from("rt:"),
        adapter_key: String::from("socket.io"),
    })
    .unwrap()
}

#[tokio::test]
async fn erasing_takes_texts_and_name_and_leaves_places() {
    let (stores, redis_server) = (Stores::start().await, RedisServer::start());
    stores.messages("alice", "bob", (1, 2_500), "0");
    stores.messages("bob", "alice", (2_501, 2_600), "0");
    stores.server.sql(
        r#"insert into realtime."ChatUser" values
           ('alice', 't', 'Alice', 'tenant', now()), ('alice', '', 'Alice', 'manage', now()), ('bob', 't', 'Bob', 'tenant', now())"#,
    );
    let redis = redis(&redis_server);
    let mut orders = redis.client().get_async_pubsub().await.unwrap();
    orders.subscribe("rt:control").await.unwrap();

    let alice = UserId::parse("alice").unwrap();
    let mut told = Vec::new();
    let erased = erase_user(&stores.postgres, &redis, &alice, SHORT, |messages| told.push(messages)).await;
    let all = Erased {
        messages: 2_500,
        directory_rows: 2,
    };
    assert_eq!(erased.unwrap(), all);
    assert_eq!(told[..3], [1_000, 2_000, 2_500], "in batches");
    assert_eq!(
        stores.count(r#""senderId" = 'alice' and body = '' and "erasedAt" is not null"#),
        2_500
    );
    assert_eq!(
        stores.count(r#""senderId" = 'bob' and body like 'text%' and "erasedAt" is null"#),
        100
    );
    assert_eq!(
        stores
            .server
            .sql(r#"select max(seq), count(distinct seq) from realtime."ChatMessage""#),
        "2600|2600"
    );
    let known = r#"select id, name from realtime."ChatUser" where name is not null or "lastSeenAt" is not null"#;
    assert_eq!(stores.server.sql(known), "bob|Bob");
    let mut orders = orders.into_on_message();
    for _ in 0..2 {
        let order: String = orders.next().await.unwrap().get_payload().unwrap();
        assert_eq!(order, r#"{"v":1,"kind":"user:erased","userId":"alice"}"#);
    }

    // Again, as after an end half way: nothing is left to do, and the time of erasing stays.
    let before = stores
        .server
        .sql(r#"select max("erasedAt") from realtime."ChatMessage""#);
    let again = erase_user(&stores.postgres, &redis, &alice, SHORT, |_| {})
        .await
        .unwrap();
    assert_eq!(again, Erased::default());
    assert_eq!(
        stores
            .server
            .sql(r#"select max("erasedAt") from realtime."ChatMessage""#),
        before
    );
}

#[tokio::test]
async fn what_is_committed_meanwhile_is_erased_too_and_who_does_not_stop_is_told_of() {
    let (stores, redis_server) = (Stores::start().await, RedisServer::start());
    let redis = redis(&redis_server);
    let alice = UserId::parse("alice").unwrap();
    stores.messages("alice", "bob", (1, 2), "0");
    let mut late = Some("accepted before the sockets were cut");
    let erased = erase_user(&stores.postgres, &redis, &alice, SHORT, |_| {
        if late.take().is_some() {
            stores.messages("alice", "bob", (3, 3), "0");
        }
    });
    assert_eq!(erased.await.unwrap().messages, 3);

    let mut next = 4;
    let endless = erase_user(&stores.postgres, &redis, &alice, SHORT, |_| {
        stores.messages("alice", "bob", (next, next), "0");
        next += 1;
    });
    assert!(matches!(endless.await, Err(ErasureError::StillThere)));
}

#[tokio::test]
async fn nothing_is_erased_while_the_gateways_cannot_be_told() {
    let (stores, redis_server) = (Stores::start().await, RedisServer::start());
    stores.messages("alice", "bob", (1, 3), "0");
    let redis = redis(&redis_server);
    drop(redis_server);
    let alice = UserId::parse("alice").unwrap();
    let refused = erase_user(&stores.postgres, &redis, &alice, SHORT, |_| {}).await;
    assert!(matches!(refused, Err(ErasureError::Redis(_))));
    assert_eq!(stores.count("body = ''"), 0);
}

#[tokio::test]
async fn pruning_deletes_what_is_old_and_numbers_go_on() {
    let stores = Stores::start().await;
    stores.messages("alice", "bob", (1, 2_500), "30 days 1 hour");
    stores.messages("alice", "bob", (2_501, 2_600), "29 days");
    // Named before the time and stored after it, as a message that waited to be written.
    stores
        .server
        .sql(r#"update realtime."ChatMessage" set "createdAt" = now() where seq = 7"#);

    let (pruned, told) = stores.prune(30).await;
    assert_eq!((pruned.messages, told), (2_499, vec![999, 1_999, 2_499]));
    assert_eq!(stores.count("seq <= 2500"), 1);
    assert_eq!(stores.count("seq > 2500"), 100);
    assert_eq!(stores.prune(30).await.0.messages, 0);

    let next = stores.server.sql(
        "select message_seq from realtime.append_messages(array[gen_random_uuid()], array['t:alice:bob'], array['t'], \
         array['alice'], array['bob'], array['bob'], array['alice'], array['hello'], array['b-1'], now())",
    );
    assert_eq!(next, "2601");
}
