//! Presence and chat on socketioxide and axum, as its documentation shows: no cluster adapter, since one instance is measured. Tuned
//! where its defaults would cost it: Nagle off, a buffer that does not drop presence, payloads as large as a snapshot.

mod messages;
mod portal;
mod presence;
mod sessions;

use std::env;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use axum::serve::ListenerExt as _;
use redis::aio::ConnectionManagerConfig;
use socketioxide::handler::ConnectHandler as _;
use socketioxide::{SocketIo, TransportType};

/// What the handlers work with.
struct Services {
    sessions: sessions::Sessions,
    presence: presence::Presence,
    messages: messages::Messages,
}

const BACKLOG: u32 = 4_096;
const BUFFERED_PACKETS: usize = 8_192;
const MAX_PAYLOAD: u64 = 16 * 1024 * 1024;
/// The library's own limit refuses logins in a storm.
const REDIS_ANSWERS_WITHIN: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port: u16 = env::var("PORT")?.parse()?;
    let config = ConnectionManagerConfig::new().set_response_timeout(Some(REDIS_ANSWERS_WITHIN));
    let redis = redis::Client::open(env::var("REDIS_URL")?)?
        .get_connection_manager_with_config(config)
        .await?;
    let services = Arc::new(Services {
        sessions: sessions::Sessions::new(redis.clone(), env::var("SESSION_SECRET")?.into_bytes()),
        presence: presence::Presence::new(redis),
        messages: messages::Messages::open(&env::var("DATABASE_URL")?).await?,
    });

    let (layer, io) = SocketIo::builder()
        .req_path("/realtime")
        .transports([TransportType::Websocket])
        .max_buffer_size(BUFFERED_PACKETS)
        .max_payload(MAX_PAYLOAD)
        .with_state(services)
        .build_layer();
    io.ns("/tenant", portal::joined.with(portal::authenticate));

    let app = Router::new().route("/ready", get(async || "ready")).layer(layer);
    let socket = tokio::net::TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(([127, 0, 0, 1], port).into())?;
    let listener = socket.listen(BACKLOG)?.tap_io(|stream| _ = stream.set_nodelay(true));
    axum::serve(listener, app).await?;
    Ok(())
}
