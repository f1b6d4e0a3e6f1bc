//! The two listeners. Signals are not theirs: `lifecycle` decides when they stop.

use std::net::SocketAddr;

use actix_web::dev::{Server, ServerHandle};
use actix_web::{App, HttpServer, web};

use super::AppError;
use crate::config::ListenConfig;
use crate::http::ops::{self, Ops};
use crate::http::public;
use crate::lifecycle::Tasks;
use crate::socket::UpperLayer;
use crate::transport::Engine;

/// Seconds that requests which are being answered get at the end; sockets are gone by then.
const SHUTDOWN_SECS: u64 = 1;

/// Listeners that run.
pub(super) struct Servers {
    handles: [ServerHandle; 2],
}

/// Binds both listeners and starts them.
pub(super) fn start<U: UpperLayer>(
    config: &ListenConfig,
    engine: Engine<U>,
    ops: Ops,
    tasks: &Tasks,
) -> Result<Servers, AppError> {
    let engine = web::Data::new(engine);
    let path = config.path.clone();
    let public = HttpServer::new(move || App::new().configure(public::configure(&path, engine.clone())))
        .workers(config.workers)
        // A small message must not wait for the acknowledgement of the one before it.
        .tcp_nodelay(true)
        .backlog(4096)
        // A client that gives up its poll is noticed at once, and its connection with it.
        .h1_allow_half_closed(false)
        .shutdown_timeout(SHUTDOWN_SECS)
        .disable_signals()
        .bind(config.bind)
        .map_err(|source| taken("REALTIME_BIND", config.bind, source))?
        .run();
    let ops = web::Data::new(ops);
    let ops = HttpServer::new(move || App::new().configure(ops::configure(ops.clone())))
        .workers(1)
        .shutdown_timeout(SHUTDOWN_SECS)
        .disable_signals()
        .bind(config.ops_bind)
        .map_err(|source| taken("REALTIME_OPS_BIND", config.ops_bind, source))?
        .run();
    let handles = [public.handle(), ops.handle()];
    tasks.spawn("public listener", serve(public));
    tasks.spawn("operators' listener", serve(ops));
    Ok(Servers { handles })
}

impl Servers {
    /// Stops both and waits for them.
    pub(super) async fn stop(&self) {
        for handle in &self.handles {
            handle.stop(true).await;
        }
    }
}

async fn serve(server: Server) {
    if let Err(error) = server.await {
        tracing::error!(%error, "a listener failed");
    }
}

fn taken(variable: &'static str, address: SocketAddr, source: std::io::Error) -> AppError {
    AppError::Bind {
        variable,
        address,
        source,
    }
}
