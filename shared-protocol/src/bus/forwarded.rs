//! How an instance answers a request that a peer has passed on to it.
//!
//! The HTTP head goes out at once, as a sign of life; a poll's real answer may come much later. So the real status stands in the
//! body: one line of JSON, then the answer's own body.

use bytes::{Bytes, BytesMut};
use serde::{Deserialize, Serialize};

const VERSION: u32 = 1;

/// The real head of a passed-on answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ForwardedHead {
    v: u32,
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`, when there is one.
    pub content_type: Option<String>,
}

impl ForwardedHead {
    /// A head of this version.
    pub fn new(status: u16, content_type: Option<String>) -> Self {
        Self {
            v: VERSION,
            status,
            content_type,
        }
    }

    /// The answer as it travels.
    pub fn encode(&self, body: &[u8]) -> Bytes {
        // Numbers and texts cannot fail to serialise; a peer takes an empty line for a broken answer.
        let head = serde_json::to_vec(self).unwrap_or_default();
        let mut bytes = BytesMut::with_capacity(head.len() + 1 + body.len());
        bytes.extend_from_slice(&head);
        bytes.extend_from_slice(b"\n");
        bytes.extend_from_slice(body);
        bytes.freeze()
    }

    /// Reads an answer. `None`: of a later version, or none at all.
    pub fn decode(mut bytes: Bytes) -> Option<(Self, Bytes)> {
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let head: Self = serde_json::from_slice(&bytes.split_to(end)).ok()?;
        let body = bytes.split_off(1.min(bytes.len()));
        (head.v == VERSION).then_some((head, body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_comes_back_as_it_was() {
        for body in [&b""[..], b"ok", b"4{}\x1e\nb"] {
            let head = ForwardedHead::new(400, Some("application/json".to_owned()));
            assert_eq!(
                ForwardedHead::decode(head.encode(body)),
                Some((head, Bytes::copy_from_slice(body)))
            );
        }
    }

    #[test]
    fn junk_is_no_answer() {
        for junk in [
            &b""[..],
            b"\n",
            b"{}",
            b"{\"v\":2,\"status\":200,\"contentType\":null}\nx",
            b"ok\n",
        ] {
            assert_eq!(ForwardedHead::decode(Bytes::copy_from_slice(junk)), None);
        }
    }
}
