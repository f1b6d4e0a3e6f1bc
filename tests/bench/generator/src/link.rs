//! One WebSocket of one user.

use std::io;

use actix_http::ws::{Codec, Frame, Message, ProtocolError};
use bytes::{Buf as _, BytesMut};
use bytestring::ByteString;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio_util::codec::{Decoder as _, Encoder as _};

use crate::target::Target;
use crate::users::User;
use crate::wire::{ChatMessage, Dialect, Received, WireError};

/// Snapshots of thousands of users are large.
const MAX_FRAME_BYTES: usize = 16 * 1024 * 1024;
const READ_BYTES: usize = 4 * 1024;

/// A joined WebSocket.
#[derive(Debug)]
pub(crate) struct Link {
    stream: TcpStream,
    codec: Codec,
    dialect: Dialect,
    incoming: BytesMut,
    outgoing: BytesMut,
    heard_bytes: usize,
}

/// Why a link is no more, or never was one.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LinkError {
    #[error("the network: {0}")]
    Network(#[from] io::Error),
    #[error("WebSocket: {0}")]
    WebSocket(#[from] ProtocolError),
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error("text that is no UTF-8")]
    NotUtf8,
    #[error("no upgrade: {0}")]
    NotUpgraded(String),
    #[error("ended: {0}")]
    Ended(String),
}

impl Link {
    /// Opens a link and joins.
    pub(crate) async fn join(target: &Target, user: &User, at: usize) -> Result<Self, LinkError> {
        let socket = TcpSocket::new_v4()?;
        socket.set_nodelay(true)?;
        socket.bind(target.source(at))?;
        let server = target.server(at);
        let mut link = Self {
            stream: socket.connect(server).await?,
            codec: Codec::new().max_size(MAX_FRAME_BYTES).client_mode(),
            dialect: target.wire.dialect(),
            incoming: BytesMut::new(),
            outgoing: BytesMut::new(),
            heard_bytes: 0,
        };
        let request = format!(
            "GET {} HTTP/1.1\r\nHost: {server}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nCookie: {}\r\n\r\n",
            target.wire.request_target(user),
            user.cookie
        );
        link.outgoing.extend_from_slice(request.as_bytes());
        link.flush().await?;
        link.upgraded().await?;
        loop {
            match link.next().await? {
                Received::Opened { join } => link.say(join)?,
                Received::Joined => return Ok(link),
                _ => {}
            }
        }
    }

    /// The size of the last frame, without WebSocket's header.
    pub(crate) const fn heard_bytes(&self) -> usize {
        self.heard_bytes
    }

    /// The next thing that the server says.
    pub(crate) async fn next(&mut self) -> Result<Received, LinkError> {
        loop {
            if let Some(received) = self.buffered()? {
                return Ok(received);
            }
            self.flush().await?;
            self.fill().await?;
        }
    }

    /// What has come already.
    pub(crate) fn buffered(&mut self) -> Result<Option<Received>, LinkError> {
        while let Some(frame) = self.codec.decode(&mut self.incoming)? {
            let text = match frame {
                Frame::Text(text) => text,
                Frame::Ping(content) => {
                    self.codec.encode(Message::Pong(content), &mut self.outgoing)?;
                    continue;
                }
                Frame::Close(reason) => return Err(LinkError::Ended(format!("{reason:?}"))),
                _ => continue,
            };
            self.heard_bytes = text.len();
            let text = ByteString::try_from(text).map_err(|_| LinkError::NotUtf8)?;
            match self.dialect.read(text)? {
                Received::Heartbeat { answer } => self.say(answer)?,
                Received::Ended(why) => return Err(LinkError::Ended(why)),
                received => return Ok(Some(received)),
            }
        }
        Ok(None)
    }

    /// Waits until more has come. May be dropped while it waits.
    pub(crate) async fn fill(&mut self) -> Result<(), LinkError> {
        self.incoming.reserve(READ_BYTES);
        match self.stream.read_buf(&mut self.incoming).await? {
            0 => Err(LinkError::Ended("without a word".to_owned())),
            _ => Ok(()),
        }
    }

    /// Writes what was said.
    pub(crate) async fn flush(&mut self) -> Result<(), LinkError> {
        if !self.outgoing.is_empty() {
            self.stream.write_all_buf(&mut self.outgoing).await?;
        }
        Ok(())
    }

    /// Says a chat message, with the next flush.
    pub(crate) fn send(&mut self, number: u64, message: &ChatMessage<'_>) -> Result<(), LinkError> {
        let text = self.dialect.message(number, message)?;
        self.say(text)
    }

    /// Leaves, as a browser does that closes a tab.
    pub(crate) async fn close(mut self) -> Result<(), LinkError> {
        self.codec.encode(Message::Close(None), &mut self.outgoing)?;
        self.flush().await?;
        Ok(())
    }

    fn say(&mut self, text: ByteString) -> Result<(), LinkError> {
        self.codec.encode(Message::Text(text), &mut self.outgoing)?;
        Ok(())
    }

    /// Reads the answer to the upgrade. That the key was understood is the matter of other tests.
    async fn upgraded(&mut self) -> Result<(), LinkError> {
        loop {
            self.fill().await?;
            let Some(end) = self.incoming.windows(4).position(|window| window == b"\r\n\r\n") else {
                continue;
            };
            if !self.incoming.starts_with(b"HTTP/1.1 101 ") {
                return Err(LinkError::NotUpgraded(
                    String::from_utf8_lossy(&self.incoming).into_owned(),
                ));
            }
            self.incoming.advance(end + 4);
            return Ok(());
        }
    }
}
