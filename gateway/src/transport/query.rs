//! The query of an Engine.IO request.

use actix_web::HttpRequest;

/// What the query asks for. Keys of the application's own are passed over.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    /// `EIO` as it was sent.
    pub version: Option<String>,
    /// `transport` as it was sent.
    pub transport: Option<String>,
    /// A connection's secret name; an empty one counts as none.
    pub sid: Option<String>,
    /// The client cannot take binary frames.
    pub base64_only: bool,
}

impl Query {
    /// Reads the query of a request. Nothing in it is an error here: what does not fit is refused by the check it fails.
    pub(super) fn of(request: &HttpRequest) -> Self {
        Self::parse(request.query_string())
    }

    fn parse(text: &str) -> Self {
        let mut query = Self::default();
        for (key, value) in url_pairs(text) {
            match key {
                "EIO" => query.version = Some(value.to_owned()),
                "transport" => query.transport = Some(value.to_owned()),
                "sid" => query.sid = (!value.is_empty()).then(|| value.to_owned()),
                "b64" => query.base64_only = !matches!(value, "" | "0" | "false"),
                _ => {}
            }
        }
        query
    }
}

/// The protocol's own keys and values are plain ASCII, so nothing is decoded: an escaped one is simply an unknown one.
fn url_pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_protocols_keys_are_found_among_others() {
        let query = Query::parse("a=1&EIO=4&transport=websocket&t=abc&sid=xyz&b64=1");
        assert_eq!(query.version.as_deref(), Some("4"));
        assert_eq!(query.transport.as_deref(), Some("websocket"));
        assert_eq!(query.sid.as_deref(), Some("xyz"));
        assert!(query.base64_only);
    }

    #[test]
    fn an_empty_sid_is_none() {
        assert_eq!(Query::parse("sid=&EIO=4").sid, None);
        assert_eq!(Query::parse(""), Query::default());
    }
}
