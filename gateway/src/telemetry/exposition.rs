//! Metrics as text, in the form that the scraper asks for.
//!
//! The library writes OpenMetrics 1.0, where a counter's HELP and TYPE lines lack the `_total` that its samples have. Prometheus'
//! own text format 0.0.4 wants the same name in all three; it is what `promtool check metrics` and scrapers without an `Accept`
//! header read.

use std::fmt::Write as _;

use prometheus_client::encoding::text::encode;

use super::metrics::Metrics;

/// The two forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposition {
    /// OpenMetrics 1.0.
    OpenMetrics,
    /// Prometheus' text format 0.0.4.
    Prometheus,
}

impl Exposition {
    /// What an `Accept` header asks for; without one, Prometheus' own.
    pub fn accepted(accept: Option<&str>) -> Self {
        match accept {
            Some(accept) if accept.contains("application/openmetrics-text") => Self::OpenMetrics,
            _ => Self::Prometheus,
        }
    }

    /// For the `Content-Type` header.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
        }
    }

    /// All metrics, as they stand.
    pub fn render(self, metrics: &Metrics) -> String {
        let mut text = String::new();
        // Writing into a String does not fail.
        let _ = encode(&mut text, metrics.registry());
        match self {
            Self::OpenMetrics => text,
            Self::Prometheus => to_prometheus(&text),
        }
    }
}

/// HELP comes before TYPE, and only TYPE tells that a name is a counter's.
fn to_prometheus(openmetrics: &str) -> String {
    let mut text = String::with_capacity(openmetrics.len());
    let mut help = None;
    for line in openmetrics.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            help = rest.split_once(' ');
        } else if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
            let suffix = if kind == "counter" { "_total" } else { "" };
            if let Some((_, help)) = help.take() {
                let _ = writeln!(text, "# HELP {name}{suffix} {help}");
            }
            let _ = writeln!(text, "# TYPE {name}{suffix} {kind}");
        } else if !line.starts_with('#') {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scraper_gets_the_form_that_it_reads() {
        let mut metrics = Metrics::default();
        metrics
            .counters("handshakes", ["outcome"], "Handshakes")
            .with(["accepted"])
            .inc();
        metrics.gauge("sockets", "Sockets").set(3);
        let openmetrics = Exposition::accepted(Some("application/openmetrics-text;version=1.0.0,text/plain;q=0.5"));
        assert_eq!(
            openmetrics.render(&metrics),
            "# HELP realtime_handshakes Handshakes.\n# TYPE realtime_handshakes counter\n\
             realtime_handshakes_total{outcome=\"accepted\"} 1\n\
             # HELP realtime_sockets Sockets.\n# TYPE realtime_sockets gauge\nrealtime_sockets 3\n# EOF\n"
        );
        assert_eq!(
            Exposition::accepted(None).render(&metrics),
            "# HELP realtime_handshakes_total Handshakes.\n# TYPE realtime_handshakes_total counter\n\
             realtime_handshakes_total{outcome=\"accepted\"} 1\n\
             # HELP realtime_sockets Sockets.\n# TYPE realtime_sockets gauge\nrealtime_sockets 3\n"
        );
    }
}
