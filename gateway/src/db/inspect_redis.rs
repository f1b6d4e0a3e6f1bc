//! What Redis says of itself and of our rights there, for `realtime-gateway check`. Changes nothing that outlives a second.

use redis::RedisResult;
use shared_protocol::adapter::Channels;
use shared_protocol::events::Namespace;

use super::{Redis, RedisError};

/// What serving sends, each with harmless arguments: `{k}`, `{z}`, `{h}` are keys of ours (string, sorted set, hash), `{c}` a channel
/// of ours, `{s}` a session's key.
const TRIALS: &str = "\
    GET {s}\nMGET {s}\nPTTL {s}\nSET {k} 1 PX 1000\nGET {k}\nPEXPIRE {k} 1000\nDEL {k}\n\
    ZADD {z} 1 a\nPEXPIRE {z} 1000\nZSCORE {z} a\nZRANGE {z} 0 -1\nZRANGEBYSCORE {z} 2 3\nZREMRANGEBYSCORE {z} 2 3\nZREM {z} a\n\
    HSET {h} f v\nPEXPIRE {h} 1000\nHGET {h} f\nHGETALL {h}\nHKEYS {h}\nHLEN {h}\nHDEL {h} f\n\
    TIME\nSCRIPT LOAD return(1)\nEVALSHA 930269f31393d0be681588b6ab08dccee7d6bb67 0\nPUBLISH {c} trial";

/// What Redis says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RedisFindings {
    /// `7.0.15`.
    pub version: String,
    /// `maxmemory-policy`: what goes when memory runs out.
    pub eviction: String,
    /// What the gateway does and this user may not: a command with its key or channel. Empty: all is well.
    pub refused: Vec<String>,
    /// Why it takes no writes from anybody, in its own words.
    pub read_only: Option<String>,
}

impl RedisFindings {
    /// Keeps what is wrong with our rights, or with the server; anything else is no finding but an error.
    fn note(&mut self, what: &str, answer: RedisResult<()>) -> Result<(), RedisError> {
        let Err(error) = answer else { return Ok(()) };
        match error.code() {
            Some("NOPERM") => self.refused.push(what.to_owned()),
            Some("READONLY" | "OOM" | "MISCONF" | "NOREPLICAS") => self.read_only = Some(error.to_string()),
            // A script that could not be loaded cannot be called.
            Some("NOSCRIPT") => {}
            _ => return Err(error),
        }
        Ok(())
    }
}

impl Redis {
    /// Looks, and tries every command that serving sends, on keys and channels of each kind.
    pub async fn inspect(&self, session_prefix: &str, adapter_key: &str) -> Result<RedisFindings, RedisError> {
        let info: String = redis::cmd("INFO").query_async(&mut self.commands()).await?;
        let field = |name: &str| {
            let value = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            value.unwrap_or("unknown").to_owned()
        };
        let mut findings = RedisFindings {
            version: field("redis_version"),
            eviction: field("maxmemory_policy"),
            ..RedisFindings::default()
        };
        let own = self.keys().trial();
        let channels = Namespace::ALL.map(|namespace| Channels::new(adapter_key, namespace.as_str()));
        let responses = channels
            .iter()
            .map(|channels| format!("PUBLISH {} trial", channels.response_to("check")));
        let trials = TRIALS.lines().map(|line| {
            line.replace("{s}", &format!("{session_prefix}check"))
                .replace("{k}", &own)
                .replace("{z}", &format!("{own}:z"))
                .replace("{h}", &format!("{own}:h"))
                .replace("{c}", &own)
        });
        for line in trials.chain(responses) {
            let mut command = redis::Cmd::new();
            for word in line.split(' ') {
                command.arg(word);
            }
            let answer = command.query_async::<redis::Value>(&mut self.commands()).await;
            findings.note(&line, answer.map(drop))?;
        }
        self.try_subscriptions(&channels, &mut findings).await?;
        Ok(findings)
    }

    async fn try_subscriptions(&self, channels: &[Channels], findings: &mut RedisFindings) -> Result<(), RedisError> {
        let own = self.keys().trial();
        let all_changes = self.keys().all_changes_pattern();
        let mut link = self.client().get_async_pubsub().await?;
        for channel in [own.as_str()].into_iter().chain(channels.iter().map(Channels::request)) {
            findings.note(&format!("SUBSCRIBE {channel}"), link.subscribe(channel).await)?;
            findings.note(&format!("UNSUBSCRIBE {channel}"), link.unsubscribe(channel).await)?;
        }
        for pattern in [all_changes.as_str()]
            .into_iter()
            .chain(channels.iter().map(Channels::pattern))
        {
            findings.note(&format!("PSUBSCRIBE {pattern}"), link.psubscribe(pattern).await)?;
            findings.note(&format!("PUNSUBSCRIBE {pattern}"), link.punsubscribe(pattern).await)?;
        }
        Ok(())
    }
}
