//! The test server of the Socket.IO suite: namespaces `/` and `/custom`, `auth`, `message` and `message-with-ack`. And `panic`, whose
//! handler has a bug.

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use gateway::hub::{EndReason, SocketId};
use gateway::socket::{Ack, ConnectRequest, DisconnectReason, Handler, Joined, Refusal, Stage, Welcome};
use serde_json::value::RawValue;
use shared_protocol::socketio::{Args, Event, Frame};

/// Accepts both namespaces without asking who comes.
pub(crate) struct EchoServer;

impl Handler for EchoServer {
    type Socket = EchoSocket;

    fn connect(self: Arc<Self>, request: ConnectRequest) -> BoxFuture<'static, Result<Welcome<EchoSocket>, Refusal>> {
        async move {
            if !matches!(&*request.namespace, "/" | "/custom") {
                return Err(Refusal {
                    message: "Invalid namespace".into(),
                    data: None,
                });
            }
            let auth = request.auth.as_deref().unwrap_or("{}");
            let greeting = Frame::event_raw(&request.namespace, &format!(r#"["auth",{auth}]"#), Vec::new());
            Ok(Welcome {
                socket: EchoSocket,
                id: SocketId::random().as_str().to_owned(),
                greeting: greeting.into_iter().collect(),
            })
        }
        .boxed()
    }
}

/// One joined socket.
pub(crate) struct EchoSocket;

impl Joined for EchoSocket {
    fn overlaps(&self, _event: &Event) -> bool {
        false
    }

    fn on_client_event(&mut self, event: Event, ack: Ack) -> BoxFuture<'static, Stage> {
        let frames = match event.name() {
            "message" => {
                let array = array(Some(r#""message-back""#), &event);
                Frame::event_raw(ack.namespace(), &array, event.attachments().to_vec())
                    .into_iter()
                    .collect()
            }
            "panic" => panic!("as asked, and {}", event.args_json()),
            "message-with-ack" => ack.reply_raw(&array(None, &event), event.attachments().to_vec()),
            _ => Vec::new(),
        };
        std::future::ready(Stage::Done(frames)).boxed()
    }

    fn on_ack(&mut self, _id: u64, _args: &Args) -> bool {
        false
    }

    fn farewell(&self, _reason: EndReason) -> Vec<Frame> {
        Vec::new()
    }

    fn close(self, _reason: DisconnectReason) {}
}

/// The arguments of an event as they came, behind another name or none.
fn array(name: Option<&str>, event: &Event) -> String {
    let array: Vec<&RawValue> = serde_json::from_str(event.args_json()).unwrap_or_default();
    let arguments = array.iter().skip(1).map(|argument| argument.get());
    format!("[{}]", name.into_iter().chain(arguments).collect::<Vec<_>>().join(","))
}
