//! One WebSocket.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, rt, web};
use actix_ws::{Message as Frame, MessageStream, Session};
use serde::Deserialize;
use serde_json::json;

use crate::hub::{Hub, Joined, tell_all};
use crate::message::{FromClient, Message, accepted, event, refused};
use crate::store::Store;

#[derive(Deserialize)]
pub(crate) struct Who {
    user: Arc<str>,
    tenant: Arc<str>,
}

pub(crate) async fn open(
    request: HttpRequest,
    body: web::Payload,
    who: web::Query<Who>,
    hub: web::Data<Hub>,
    store: web::Data<Option<Store>>,
) -> Result<HttpResponse, actix_web::Error> {
    let (response, session, frames) = actix_ws::handle(&request, body)?;
    let who = who.into_inner();
    rt::spawn(async move {
        let socket = Socket {
            id: join(&who, &hub, &session),
            who,
            hub,
            store,
            session,
        };
        socket.read(frames).await;
    });
    Ok(response)
}

fn join(who: &Who, hub: &Hub, session: &Session) -> u64 {
    let Joined { socket, snapshot, news } = hub.join(&who.user, &who.tenant, session);
    let ready = json!({ "self": { "id": who.user, "tenantId": who.tenant } });
    tell_all([session.clone()], &event("session:ready", &ready));
    tell_all([session.clone()], &event("presence:snapshot", &snapshot));
    if let Some((others, diff)) = news {
        tell_all(others, &event("presence:diff", &diff));
    }
    socket
}

struct Socket {
    id: u64,
    who: Who,
    hub: web::Data<Hub>,
    store: web::Data<Option<Store>>,
    session: Session,
}

impl Socket {
    async fn read(mut self, mut frames: MessageStream) {
        while let Some(Ok(frame)) = frames.recv().await {
            match frame {
                Frame::Text(text) => match serde_json::from_str(&text) {
                    Ok(said) => self.relay(said).await,
                    Err(_) => break,
                },
                Frame::Ping(content) => _ = self.session.pong(&content).await,
                Frame::Close(_) => break,
                _ => {}
            }
        }
        if let Some((others, diff)) = self.hub.leave(&self.who.user, &self.who.tenant, self.id) {
            tell_all(others, &event("presence:diff", &diff));
        }
        _ = self.session.close(None).await;
    }

    async fn relay(&mut self, said: FromClient) {
        let message = Message::new(&self.who.user, &self.who.tenant, said.data);
        let delivery = Delivery {
            answers: said.id,
            socket: self.id,
            session: self.session.clone(),
            hub: self.hub.clone(),
        };
        match &**self.store {
            None => delivery.finish(Ok(message)),
            Some(store) => {
                let stored = store.store(message).await;
                // The next message need not wait for this one's commit.
                rt::spawn(async move { delivery.finish(stored.await) });
            }
        }
    }
}

/// What is left to do once a message is stored.
struct Delivery {
    answers: u64,
    socket: u64,
    session: Session,
    hub: web::Data<Hub>,
}

impl Delivery {
    fn finish(self, stored: Result<Message, String>) {
        let answer = match &stored {
            Ok(message) => accepted(self.answers, message),
            Err(why) => refused(self.answers, why),
        };
        if let Ok(message) = stored {
            let receivers = self
                .hub
                .receivers(&message.recipient_id, &message.sender_id, self.socket);
            tell_all(receivers, &event("message:new", &message));
        }
        tell_all([self.session], &answer);
    }
}
