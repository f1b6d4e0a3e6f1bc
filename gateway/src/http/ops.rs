//! The operators' listener.
//!
//! | route | answer |
//! |---|---|
//! | `GET /livez` | 200 while the process turns (`HEAD` too, and of `/readyz`) |
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
use crate::telemetry::{Exposition, Gauge, Gauges, Metrics, ProcessMetrics};
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
    /// The same for those who scrape.
    pub metrics: ReadinessMetrics,
}

/// Readiness as numbers: 1 is yes.
#[derive(Clone, Debug)]
pub struct ReadinessMetrics {
    ready: Gauge,
    checks: Gauges<1>,
    capacity: Gauge,
}

impl ReadinessMetrics {
    /// Registers them.
    pub fn new(metrics: &mut Metrics) -> Self {
        Self {
            ready: metrics.gauge("ready", "Whether /readyz says 200"),
            checks: metrics.gauges(
                "readiness",
                ["check"],
                "What readiness is made of: redis, postgres, migrations as they should be, and draining, which should be 0",
            ),
            capacity: metrics.gauge("connections_max", "Connections that this instance takes: min(setting, open-file limit - 512)"),
        }
    }

    fn show(&self, report: &Report, capacity: usize) {
        self.ready.set(i64::from(report.ready));
        for (check, is) in [
            ("redis", report.redis),
            ("postgres", report.postgres),
            ("migrations", report.migrations),
            ("draining", report.draining),
        ] {
            self.checks.with([check]).set(i64::from(is));
        }
        self.capacity.set(i64::try_from(capacity).unwrap_or(i64::MAX));
    }
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

/// What operators are told.
#[derive(Debug)]
pub struct Ops {
    /// Whether balancers should send new connections here.
    pub readiness: Readiness,
    /// What the process says of itself.
    pub process: ProcessMetrics,
    /// Everything that is counted, the two above included.
    pub metrics: Metrics,
}

/// Adds the routes.
pub fn configure(ops: web::Data<Ops>) -> impl FnOnce(&mut web::ServiceConfig) {
    move |config| {
        config
            .app_data(ops)
            .route("/livez", web::get().to(livez))
            .route("/livez", web::head().to(livez))
            .route("/metrics", web::get().to(scrape))
            .route("/readyz", web::get().to(readyz))
            .route("/readyz", web::head().to(readyz));
    }
}

async fn scrape(request: HttpRequest, ops: web::Data<Ops>) -> HttpResponse {
    let Ops {
        readiness,
        process,
        metrics,
    } = &**ops;
    readiness.metrics.show(&readiness.report(), readiness.gate.capacity());
    process.look();
    let accept = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok());
    let exposition = Exposition::accepted(accept);
    HttpResponse::Ok()
        .content_type(exposition.content_type())
        .body(exposition.render(metrics))
}

async fn livez() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("ok")
}

async fn readyz(ops: web::Data<Ops>) -> HttpResponse {
    let report = ops.readiness.report();
    if report.ready {
        HttpResponse::Ok().json(report)
    } else {
        HttpResponse::ServiceUnavailable().json(report)
    }
}
