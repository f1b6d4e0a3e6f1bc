//! What the two stores say of themselves and of our rights there, for `realtime-gateway check`. Changes nothing that outlives a second.

use diesel::QueryableByName;
use diesel::sql_types::{Array, Bool, Text};

use super::{PgError, Postgres, Redis, RedisError};

/// What Redis says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedisFindings {
    /// `7.0.15`.
    pub version: String,
    /// `maxmemory-policy`: what goes when memory runs out.
    pub eviction: String,
    /// What the gateway does and this user may not, each a command with the key or channel; empty: all is well.
    pub refused: Vec<String>,
}

/// What Postgres says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostgresFindings {
    /// `15.18`.
    pub version: String,
    /// The role that is logged in.
    pub role: String,
    /// Whether the link is encrypted.
    pub tls: bool,
}

impl Redis {
    /// Looks, and tries one command of each kind.
    pub async fn inspect(&self, session_prefix: &str) -> Result<RedisFindings, RedisError> {
        let info: String = redis::cmd("INFO").query_async(&mut self.commands()).await?;
        let field = |name: &str| {
            let value = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            value.unwrap_or("unknown").to_owned()
        };
        let session = format!("{session_prefix}check");
        let (key, channel) = (self.keys().trial(), self.keys().trial());
        let trials = [
            (format!("GET {session}"), redis::cmd("GET").arg(&session).to_owned()),
            (
                format!("SET {key}"),
                redis::cmd("SET").arg(&key).arg(1).arg("PX").arg(1000).to_owned(),
            ),
            (
                format!("PUBLISH {channel}"),
                redis::cmd("PUBLISH").arg(&channel).arg("").to_owned(),
            ),
        ];
        let mut refused = Vec::new();
        for (what, command) in trials {
            match command.query_async::<redis::Value>(&mut self.commands()).await {
                Ok(_) => {}
                Err(error) if error.kind() == redis::ErrorKind::Server(redis::ServerErrorKind::NoPerm) => {
                    refused.push(what);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(RedisFindings {
            version: field("redis_version"),
            eviction: field("maxmemory_policy"),
            refused,
        })
    }
}

#[derive(QueryableByName)]
struct Server {
    #[diesel(sql_type = Text)]
    version: String,
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Bool)]
    tls: bool,
}

#[derive(QueryableByName)]
struct Missing {
    #[diesel(sql_type = Array<Text>)]
    rights: Vec<String>,
}

const SERVER: &str = "
    select current_setting('server_version') as version, current_user::text as role,
           coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false) as tls";

/// What a serving instance needs; `deploy/postgres/writer_role.sql` gives it.
const MISSING: &str = r#"
    select coalesce(array_agg(needed.right || ' on ' || needed.relation), '{}') as rights
      from (values ('select', '"ChatMessage"'), ('insert', '"ChatMessage"'),
                   ('select', '"ChatConversation"'), ('insert', '"ChatConversation"'), ('update', '"ChatConversation"'),
                   ('select', '"ChatUser"'), ('insert', '"ChatUser"'), ('update', '"ChatUser"'), ('delete', '"ChatUser"'),
                   ('select', '"ChatDirectory"')) as needed ("right", relation)
     where not has_table_privilege('realtime.' || needed.relation, needed.right)"#;

impl Postgres {
    /// Looks.
    pub async fn inspect(&self) -> Result<PostgresFindings, PgError> {
        let mut rows: Vec<Server> = self.load(Self::QUICK, diesel::sql_query(SERVER)).await?;
        let Server { version, role, tls } = rows.pop().ok_or(PgError::Timeout)?;
        Ok(PostgresFindings { version, role, tls })
    }

    /// Rights that the role lacks, as `insert on "ChatMessage"`. Asked once the tables are up to date.
    pub async fn missing_rights(&self) -> Result<Vec<String>, PgError> {
        let rows: Vec<Missing> = self.load(Self::QUICK, diesel::sql_query(MISSING)).await?;
        Ok(rows.into_iter().flat_map(|row| row.rights).collect())
    }
}
