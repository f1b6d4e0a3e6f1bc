//! What Postgres says of itself and of our rights there, for `realtime-gateway check`. Changes nothing.

use diesel::QueryableByName;
use diesel::sql_types::{Array, Bool, Text};

use super::{PgError, Postgres};

/// What Postgres says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostgresFindings {
    /// `15.18`.
    pub version: String,
    /// The role that is logged in.
    pub role: String,
    /// Whether that role may do anything.
    pub superuser: bool,
    /// Whether the link is encrypted.
    pub tls: bool,
}

#[derive(QueryableByName)]
struct Server {
    #[diesel(sql_type = Text)]
    version: String,
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Bool)]
    superuser: bool,
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
           (select rolsuper from pg_roles where rolname = current_user) as superuser,
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
        let Server {
            version,
            role,
            superuser,
            tls,
        } = rows.pop().ok_or(PgError::Timeout)?;
        Ok(PostgresFindings {
            version,
            role,
            superuser,
            tls,
        })
    }

    /// Rights that the role lacks, as `insert on "ChatMessage"`. Asked once the tables are up to date.
    pub async fn missing_rights(&self) -> Result<Vec<String>, PgError> {
        let rows: Vec<Missing> = self.load(Self::QUICK, diesel::sql_query(MISSING)).await?;
        Ok(rows.into_iter().flat_map(|row| row.rights).collect())
    }
}
