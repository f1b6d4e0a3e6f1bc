//! Placeholder until the codec lands.
use bytes::Bytes;
use bytestring::ByteString;
use serde::Serialize;
use std::sync::Arc;

/// One encoded message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Begins with `4`.
    pub text: ByteString,
    /// Binary parts.
    pub attachments: Arc<[Bytes]>,
}
impl Frame {
    /// An event with one argument.
    pub fn event(namespace: &str, name: &str, payload: &impl Serialize) -> Result<Self, serde_json::Error> {
        let text = format!(
            "42{namespace},[{},{}]",
            serde_json::to_string(name)?,
            serde_json::to_string(payload)?
        );
        Ok(Self {
            text: text.into(),
            attachments: Arc::default(),
        })
    }
    /// Size.
    pub fn len_bytes(&self) -> usize {
        self.text.len() + self.attachments.iter().map(Bytes::len).sum::<usize>()
    }
}
