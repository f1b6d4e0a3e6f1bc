//! The bus over a real Redis.

use std::time::Duration;

use harness::redis::RedisServer;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::config::{RedisConfig, Secret};
use crate::telemetry::{Exposition, Metrics};

const SOON: Duration = Duration::from_secs(20);

struct Running {
    bus: Bus,
    metrics: Metrics,
    heard: mpsc::UnboundedReceiver<String>,
    _drivers: JoinSet<()>,
}

impl Running {
    fn start(server: &RedisServer) -> Self {
        let redis = Redis::new(&RedisConfig {
            url: Secret::new(server.url()),
            prefix: "rt:".to_owned(),
            adapter_key: "socket.io".to_owned(),
        });
        let mut metrics = Metrics::default();
        let (bus, subscriber, publisher) = bus(&redis.unwrap(), "i", BusMetrics::new(&mut metrics)).unwrap();
        let (tell, heard) = mpsc::unbounded_channel();
        let listener = Listener {
            on_message: Box::new(move |message| {
                drop(tell.send(String::from_utf8(message.payload.to_vec()).unwrap()));
            }),
            on_restored: Box::new(|| {}),
        };
        let mut drivers = JoinSet::new();
        drivers.spawn(subscriber.run(listener, CancellationToken::new()));
        drivers.spawn(publisher.run(CancellationToken::new()));
        Self {
            bus,
            metrics,
            heard,
            _drivers: drivers,
        }
    }

    fn has_lost(&self, link: &str) -> bool {
        let page = Exposition::Prometheus.render(&self.metrics);
        !page.contains(&format!("realtime_bus_interruptions_total{{link=\"{link}\"}} 0\n"))
    }

    /// Says it until it is heard: what is under way while a link is lost may be lost with it.
    async fn hears(&mut self, text: &'static str) {
        let say_until_heard = async {
            loop {
                self.bus.publish("rt:room:x".to_owned(), Bytes::from(text));
                if let Ok(Some(heard)) = timeout(Duration::from_millis(200), self.heard.recv()).await
                    && heard == text
                {
                    return;
                }
            }
        };
        timeout(SOON, say_until_heard).await.unwrap();
    }
}

#[tokio::test]
async fn messages_go_on_after_redis_has_hung() {
    let server = RedisServer::start();
    let mut running = Running::start(&server);
    running.bus.subscribe("rt:room:x").await.unwrap();
    running.hears("before").await;
    // Nothing but an echo is under way when the link is given up.
    server.pause();
    timeout(SOON, async {
        while !running.has_lost("publisher") {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .unwrap();
    server.resume();
    running.hears("afterwards").await;
}
