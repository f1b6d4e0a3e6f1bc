//! The operators' listener.
//!
//! | route | answer |
//! |---|---|
//! | `GET /livez` | 200 while the process turns |
//! | `GET /readyz` | 200, or 503; JSON that says which of `redis`, `postgres`, `migrations`, `draining` is not as it should be |
//!
//! Balancers check `/readyz` and do not cut live connections when it falls: sockets outlive readiness.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::{HttpResponse, web};
use serde::Serialize;

use crate::db::Health;
use crate::transport::Gate;

/// What readiness is made of.
#[derive(Clone, Debug)]
pub struct Readiness {
    /// Redis answers.
    pub redis: Arc<Health>,
    /// Postgres answers.
    pub postgres: Arc<Health>,
    /// The tables are up to date.
    pub migrated: Arc<AtomicBool>,
    /// The instance is not going away.
    pub gate: Arc<Gate>,
}

#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "one fact a field, as operators read it")]
struct Report {
    ready: bool,
    redis: bool,
    postgres: bool,
    migrations: bool,
    draining: bool,
}

impl Readiness {
    fn report(&self) -> Report {
        let (redis, postgres) = (self.redis.is_up(), self.postgres.is_up());
        let migrations = self.migrated.load(Ordering::Acquire);
        let draining = self.gate.is_draining();
        Report {
            ready: redis && postgres && migrations && !draining,
            redis,
            postgres,
            migrations,
            draining,
        }
    }
}

/// Adds the routes.
pub fn configure(readiness: web::Data<Readiness>) -> impl FnOnce(&mut web::ServiceConfig) {
    move |config| {
        config
            .app_data(readiness)
            .route("/livez", web::get().to(livez))
            .route("/readyz", web::get().to(readyz));
    }
}

async fn livez() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("ok")
}

async fn readyz(readiness: web::Data<Readiness>) -> HttpResponse {
    let report = readiness.report();
    if report.ready {
        HttpResponse::Ok().json(report)
    } else {
        HttpResponse::ServiceUnavailable().json(report)
    }
}
