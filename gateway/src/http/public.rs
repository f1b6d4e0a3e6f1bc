//! The public listener: Engine.IO at the mount point, with and without a trailing slash, and the panel
//! below it. Everything else is 404.

use actix_web::web;

use super::panel;
use crate::socket::UpperLayer;
use crate::transport::{Engine, peer_client, serve};

/// Adds the routes of the mount point `path`.
pub fn configure<U: UpperLayer>(path: &str, engine: web::Data<Engine<U>>) -> impl FnOnce(&mut web::ServiceConfig) {
    let path = path.to_owned();
    move |config| {
        config
            .app_data(engine)
            // One a worker: the client is not for several threads.
            .app_data(web::Data::new(peer_client()))
            .route(&path, web::route().to(serve::<U>))
            .route(&format!("{path}/"), web::route().to(serve::<U>))
            .configure(panel::configure(&path));
    }
}
