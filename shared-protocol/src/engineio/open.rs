//! The packet that opens a connection.

use serde::Serialize;

use super::Packet;

/// The value of the query's `EIO` that this module speaks.
pub const PROTOCOL_VERSION: &str = "4";

/// What a client is told at the handshake.
///
/// Exactly these five keys, in this order: the official suite compares them, and parses everything after the type
/// digit of the first body as JSON (spec §1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Open<'a> {
    /// The connection's secret name.
    pub sid: &'a str,
    /// `["websocket"]` for a polling handshake, nothing for a WebSocket's.
    pub upgrades: &'a [&'a str],
    /// How long the server waits after a pong before it pings again.
    #[serde(rename = "pingInterval")]
    pub ping_interval_ms: u64,
    /// How long the server waits for a pong.
    #[serde(rename = "pingTimeout")]
    pub ping_timeout_ms: u64,
    /// The size that the client's payloads must not exceed, in bytes.
    pub max_payload: u64,
}

impl Open<'_> {
    /// The JSON object.
    pub fn json(&self) -> String {
        // Strings and integers cannot fail to serialise; an empty object would be refused by any client.
        serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned())
    }

    /// The packet that carries it.
    pub fn packet(&self) -> Packet {
        Packet::Open(self.json().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_is_byte_for_byte_the_reference_servers() {
        let open = Open {
            sid: "lv_VI97HAXpY6yYWAAAC",
            upgrades: &["websocket"],
            ping_interval_ms: 25_000,
            ping_timeout_ms: 20_000,
            max_payload: 1_000_000,
        };
        assert_eq!(
            open.packet().encode_text(),
            r#"0{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#
        );
        let over_websocket = Open { upgrades: &[], ..open };
        assert!(over_websocket.json().contains(r#""upgrades":[],"#));
    }
}
