//! The namespace `/tenant`: who may join, and what sockets hear and say.

use std::sync::Arc;

use serde::Serialize;
use serde_json::json;
use socketioxide::extract::{AckSender, Data, Extension, SocketRef, State};

use crate::Services;
use crate::messages::SendRequest;
use crate::presence::Online;
use crate::sessions::User;

/// Who is there at the moment of joining.
#[derive(Serialize)]
struct Snapshot {
    users: Vec<Online>,
    online: usize,
    complete: bool,
}

type Shared = State<Arc<Services>>;

pub(crate) async fn authenticate(socket: SocketRef, State(services): Shared) -> Result<(), &'static str> {
    let cookies = socket
        .req_parts()
        .headers
        .get("cookie")
        .and_then(|cookies| cookies.to_str().ok());
    let user = services
        .sessions
        .user_of(cookies.unwrap_or_default())
        .await
        .ok_or("unauthorized")?;
    socket.extensions.insert(user);
    Ok(())
}

pub(crate) async fn joined(socket: SocketRef, Extension(user): Extension<User>, State(services): Shared) {
    socket.on("message:send", send);
    socket.on_disconnect(left);
    let tenant = room_of_tenant(&user);
    socket.join([room_of_user(&user.id), tenant.clone()]);
    _ = socket.emit("session:ready", &json!({ "self": user }));
    let Ok(joined) = services.presence.join(&user).await else {
        _ = socket.disconnect();
        return;
    };
    let snapshot = Snapshot {
        online: joined.users.len(),
        users: joined.users,
        complete: true,
    };
    _ = socket.emit("presence:snapshot", &snapshot);
    if joined.is_first {
        let diff = json!({ "online": [joined.entry], "offline": [] });
        _ = socket.to(tenant).emit("presence:diff", &diff).await;
    }
}

async fn send(
    socket: SocketRef,
    Data(request): Data<SendRequest>,
    answer: AckSender,
    Extension(user): Extension<User>,
    State(services): Shared,
) {
    match services.messages.store(&user, request).await {
        Ok(message) => {
            // Every socket of the recipient, and every other socket of the sender.
            let rooms = [room_of_user(&message.recipient_id), room_of_user(&user.id)];
            _ = socket.to(rooms).emit("message:new", &message).await;
            _ = answer.send(&json!({ "ok": true, "data": message }));
        }
        Err(why) => {
            _ = answer.send(&json!({ "ok": false, "error": { "code": "unavailable", "message": why } }));
        }
    }
}

async fn left(socket: SocketRef, Extension(user): Extension<User>, State(services): Shared) {
    if let Ok(Some(left)) = services.presence.leave(&user).await {
        let diff = json!({ "online": [], "offline": [left] });
        _ = socket.to(room_of_tenant(&user)).emit("presence:diff", &diff).await;
    }
}

fn room_of_user(id: &str) -> String {
    format!("user:{id}")
}

fn room_of_tenant(user: &User) -> String {
    format!("tenant:{}", user.tenant_id)
}
