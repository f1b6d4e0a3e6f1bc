//! Which pages may talk to the gateway.
//!
//! CORS does not cover WebSockets: a page of any site can open one, and the browser sends the session cookie along. So the
//! `Origin` header is compared with an exact list on every request of either transport. A request without the header
//! comes from no browser and carries no cookie by itself.

/// The rule; see the module.
#[derive(Clone, Debug, Default)]
pub struct OriginRule {
    allowed: Vec<String>,
}

impl OriginRule {
    /// Welcomes these exact origins, besides the request's own host.
    pub fn new(allowed: impl IntoIterator<Item = String>) -> Self {
        Self {
            allowed: allowed.into_iter().map(|origin| origin.to_ascii_lowercase()).collect(),
        }
    }

    /// Whether a page of `origin` may talk to us under `host`. The scheme of the own host is ignored, since TLS often ends
    /// before the gateway.
    pub fn allows(&self, origin: &str, host: Option<&str>) -> bool {
        if self.allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin)) {
            return true;
        }
        let own = origin
            .split_once("://")
            .filter(|(scheme, _)| matches!(*scheme, "http" | "https"));
        match (own, host) {
            (Some((scheme, origin_host)), Some(host)) => {
                !host.is_empty()
                    && without_default_port(origin_host, scheme)
                        .eq_ignore_ascii_case(without_default_port(host, scheme))
            }
            _ => false,
        }
    }
}

fn without_default_port<'a>(host: &'a str, scheme: &str) -> &'a str {
    host.strip_suffix(if scheme == "https" { ":443" } else { ":80" })
        .unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_own_host_and_listed_origins_are_welcome() {
        let rule = OriginRule::new(["https://app.example.com".to_owned()]);
        let cases = [
            ("https://portal.example.com", "portal.example.com", true),
            ("http://portal.example.com:8088", "portal.example.com:8088", true),
            ("https://portal.example.com", "portal.example.com:443", true),
            ("https://PORTAL.example.com", "portal.example.com", true),
            ("https://app.example.com", "portal.example.com", true),
            ("http://app.example.com", "portal.example.com", false),
            ("https://app.example.com:8443", "portal.example.com", false),
            ("https://evil.example.com", "portal.example.com", false),
            ("https://portal.example.com.evil.test", "portal.example.com", false),
            ("https://portal.example.com:8443", "portal.example.com", false),
            ("null", "portal.example.com", false),
            ("null", "null", false),
            ("file://", "", false),
            ("", "portal.example.com", false),
            ("ws://portal.example.com", "portal.example.com", false),
        ];
        for (origin, host, expected) in cases {
            assert_eq!(rule.allows(origin, Some(host)), expected, "{origin} at {host}");
        }
        assert!(!rule.allows("https://portal.example.com", None));
    }
}
