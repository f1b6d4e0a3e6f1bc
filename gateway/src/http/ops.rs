//! The operators' listener.
//!
//! | route | answer |
//! |---|---|
//! | `GET /livez` | 200 while the process turns |
//! | `GET /metrics` | Prometheus' text, or OpenMetrics for those who accept it |
//! | `GET /readyz` | 200, or 503; JSON that says which of `redis`, `postgres`, `migrations`, `draining` is not as it should be |
//!
//! Balancers check `/readyz` and do not cut live connections when it falls: sockets outlive readiness.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use crate::db::Health;
use crate::telemetry::{Exposition, Metrics};
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
pub fn configure(readiness: web::Data<Readiness>, metrics: web::Data<Metrics>) -> impl FnOnce(&mut web::ServiceConfig) {
    move |config| {
        config
            .app_data(readiness)
            .app_data(metrics)
            .route("/livez", web::get().to(livez))
            .route("/metrics", web::get().to(scrape))
            .route("/readyz", web::get().to(readyz));
    }
}

async fn scrape(request: HttpRequest, metrics: web::Data<Metrics>) -> HttpResponse {
    let accept = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok());
    let exposition = Exposition::accepted(accept);
    HttpResponse::Ok()
        .content_type(exposition.content_type())
        .body(exposition.render(&metrics))
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
