//! Engine.IO's echo: every message goes back as it came.

use bytes::Bytes;
use bytestring::ByteString;
use futures_util::future::BoxFuture;
use gateway::hub::{Delivery, Inbox};
use gateway::socket::{DisconnectReason, Output, UpperLayer};
use shared_protocol::socketio::Frame;

/// Messages that wait to go back.
#[derive(Default)]
pub(crate) struct Echo {
    frames: Vec<Frame>,
}

impl UpperLayer for Echo {
    fn on_text(&mut self, text: ByteString) -> Result<(), DisconnectReason> {
        self.frames
            .extend(Frame::from_parts(format!("4{text}").into(), Vec::new()));
        Ok(())
    }

    fn on_binary(&mut self, bytes: Bytes) -> Result<(), DisconnectReason> {
        self.frames.push(Frame::bare_binary(bytes));
        Ok(())
    }

    fn on_delivery(&mut self, _delivery: Delivery, _output: &mut Output) {}

    async fn advance(&mut self) -> Output {
        if self.frames.is_empty() {
            std::future::pending::<()>().await;
        }
        Output {
            frames: std::mem::take(&mut self.frames),
            end: None,
        }
    }

    fn wants_input(&self) -> bool {
        true
    }

    fn wants_deliveries(&self) -> bool {
        true
    }

    fn is_half_received(&self) -> bool {
        false
    }

    fn is_joined(&self) -> bool {
        true
    }

    fn close(self, _inbox: Inbox, _reason: DisconnectReason) -> Option<BoxFuture<'static, ()>> {
        None
    }
}
