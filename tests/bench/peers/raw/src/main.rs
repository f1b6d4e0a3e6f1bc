//! The floor: a JSON relay on actix-ws, with nothing around it. No session, no Socket.IO, no heartbeat, no Redis, one instance. With
//! `DATABASE_URL` it stores what it relays, in batches, and answers after the commit.

mod hub;
mod message;
mod socket;
mod store;

use std::env;

use actix_web::{App, HttpServer, web};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port: u16 = env::var("PORT")?.parse()?;
    let store = match env::var("DATABASE_URL") {
        Ok(url) => Some(store::Store::open(&url).await?),
        Err(_) => None,
    };
    let (hub, store) = (web::Data::new(hub::Hub::default()), web::Data::new(store));
    HttpServer::new(move || {
        App::new()
            .app_data(hub.clone())
            .app_data(store.clone())
            .route("/ready", web::get().to(|| async { "ready" }))
            .route("/", web::get().to(socket::open))
    })
    .workers(1)
    .tcp_nodelay(true)
    .backlog(4096)
    .bind(("127.0.0.1", port))?
    .run()
    .await?;
    Ok(())
}
