//! The product's own transport and Socket.IO code under an echo, for the public conformance suites of both protocols.
//!
//! `cargo run --release -p gateway --example conformance -- --mode engineio|socketio --bind 127.0.0.1:3000 --path /realtime`

mod engineio;
mod socketio;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::{App, HttpServer, web};
use clap::{Parser, ValueEnum};
use gateway::config::{EngineConfig, LogConfig, LogFormat, Rate};
use gateway::http::public;
use gateway::hub::{Mailbox, MailboxLimits};
use gateway::socket::{Link, Peer, UpperLayer};
use gateway::telemetry::{self, Metrics};
use gateway::transport::{Engine, EngineSettings, Gate, GateLimits, OriginRule, Registry, Sids, TransportMetrics};

#[derive(Parser)]
struct Options {
    /// Which suite will come.
    #[arg(long)]
    mode: Mode,
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:3000")]
    bind: SocketAddr,
    /// Mount point.
    #[arg(long, default_value = "/realtime")]
    path: String,
}

#[derive(Clone, Copy, ValueEnum)]
enum Mode {
    /// Echoes every message; no Socket.IO on top.
    Engineio,
    /// The test server of the Socket.IO suite.
    Socketio,
}

/// What the suites expect.
const MAX_PAYLOAD: usize = 1_000_000;

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let options = Options::parse();
    telemetry::init(&LogConfig {
        filter: "warn".to_owned(),
        format: LogFormat::Json,
    })
    .map_err(std::io::Error::other)?;
    match options.mode {
        Mode::Engineio => serve(&options, |_: &Arc<Peer>, _: &Mailbox| engineio::Echo::default()).await,
        Mode::Socketio => {
            let handler = Arc::new(socketio::EchoServer);
            serve(&options, move |peer: &Arc<Peer>, mailbox: &Mailbox| {
                Link::new(Arc::clone(&handler), Arc::clone(peer), mailbox.clone(), MAX_PAYLOAD)
            })
            .await
        }
    }
}

async fn serve<U: UpperLayer>(
    options: &Options,
    open: impl Fn(&Arc<Peer>, &Mailbox) -> U + Send + Sync + 'static,
) -> std::io::Result<()> {
    let settings = EngineSettings {
        engine: EngineConfig {
            ping_interval: Duration::from_millis(300),
            ping_timeout: Duration::from_millis(200),
            max_payload: MAX_PAYLOAD,
            ..EngineConfig::default()
        },
        connection_age: None,
        mailbox: MailboxLimits {
            frames: 256,
            bytes: 1 << 20,
        },
        origins: OriginRule::default(),
        trusted_proxies: Vec::new(),
        read_cookie: Box::new(|_| None),
        may_use: Box::new(|_, _| true),
    };
    let unlimited = Rate {
        per_second: 1_000_000,
        burst: 1_000_000,
    };
    let gate = Gate::new(GateLimits {
        connections: 10_000,
        accept: unlimited,
    });
    let engine = web::Data::new(Engine {
        settings,
        open: Box::new(open),
        gate,
        redis: None,
        connections: Registry::default(),
        sids: Sids::new(uuid::Uuid::now_v7(), Vec::new()),
        peers: None,
        metrics: TransportMetrics::new(&mut Metrics::default()),
    });
    let path = options.path.clone();
    HttpServer::new(move || App::new().configure(public::configure(&path, engine.clone())))
        .workers(1)
        .tcp_nodelay(true)
        .h1_allow_half_closed(false)
        .bind(options.bind)?
        .run()
        .await
}
