//! What the API's processes push and ask through the stock Redis emitter and adapter (Socket.IO Redis adapter §broadcast,
//! §requests), applied to the sockets of this instance.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use shared_protocol::adapter::{self, AdapterError, Broadcast, Channels, Opts, RequestKind, Target, response};
use shared_protocol::bus::Scope;
use shared_protocol::events::Namespace;

use super::awaited_acks::Asker;
use super::mailbox::EndReason;
use super::member::Member;
use super::rooms::{Address, Hub};

/// One namespace's traffic from the API.
#[derive(Debug)]
pub struct ApiPushes {
    hub: Arc<Hub>,
    namespace: Namespace,
    channels: Channels,
    path: String,
    warned_about_rooms: AtomicBool,
}

impl ApiPushes {
    /// For one namespace under the adapter's key; `path` is the mount point that `fetchSockets()` tells.
    pub fn new(hub: Arc<Hub>, namespace: Namespace, key: &str, path: &str) -> Self {
        let channels = Channels::new(key, namespace.as_str());
        Self {
            hub,
            namespace,
            channels,
            path: path.to_owned(),
            warned_about_rooms: AtomicBool::new(false),
        }
    }

    /// The channels to subscribe to.
    pub fn channels(&self) -> &Channels {
        &self.channels
    }

    /// A message on a channel of the broadcast pattern; tells how many sockets got it.
    pub fn on_broadcast(&self, channel: &str, payload: &[u8]) -> Result<usize, AdapterError> {
        if let Some(Target::Room(room)) = self.channels.target(channel)
            && !self.hub.has_room(self.namespace, room)
        {
            // Most instances hold no socket for most pushes: nothing is decoded then.
            return Ok(0);
        }
        let broadcast = adapter::broadcast::decode(&self.channels, channel, payload)?;
        let frame = broadcast.frame()?;
        let (rooms, except) = (views(&broadcast.opts.rooms), views(&broadcast.opts.except));
        let volatile = broadcast.opts.flags.volatile;
        // The API is trusted to know whom it addresses: it is the authority on tenants.
        let address = Address {
            namespace: self.namespace,
            rooms: &rooms,
            except: &except,
            scope: &Scope::Any,
            volatile,
        };
        Ok(self.hub.deliver(&address, &frame))
    }

    /// A message on the request channel, and what to publish in answer: channel and text.
    ///
    /// Whoever subscribes to this channel is counted by the asking process, which fails when an answer is missing.
    pub fn on_request(&self, payload: &[u8]) -> Result<Option<(String, String)>, AdapterError> {
        let request = adapter::request::decode(&self.channels, payload)?;
        let answer = match request.kind {
            RequestKind::Sockets { request_id, rooms } => {
                let members = self.select(&Opts {
                    rooms,
                    ..Opts::default()
                });
                Some(response::sockets(
                    &request_id,
                    members.iter().map(|member| member.id.as_str()),
                ))
            }
            RequestKind::AllRooms { request_id } => {
                let rooms = self.hub.room_names(self.namespace);
                Some(response::all_rooms(&request_id, rooms.iter().map(|room| &**room)))
            }
            RequestKind::Join {
                request_id,
                opts,
                rooms,
            } => {
                self.change_rooms(&opts, &rooms, Hub::join);
                request_id.as_deref().map(response::done)
            }
            RequestKind::Leave {
                request_id,
                opts,
                rooms,
            } => {
                self.change_rooms(&opts, &rooms, Hub::leave);
                request_id.as_deref().map(response::done)
            }
            RequestKind::Disconnect {
                request_id,
                opts,
                close,
            } => {
                for member in self.select(&opts) {
                    member.mailbox.end(Some(member.key), EndReason::Kicked { close });
                }
                request_id.as_deref().map(response::done)
            }
            RequestKind::Fetch { request_id, opts } => self.fetch(&request_id, &opts),
            RequestKind::ServerSideEmit { request_id, .. } => request_id.as_deref().map(response::server_side_emit),
            RequestKind::Broadcast { request_id, broadcast } => {
                // An event that cannot be delivered has no acks to wait for; the asking process counts on an answer all the same.
                let count = self.deliver_with_ack(&request_id, &broadcast).unwrap_or_else(|error| {
                    tracing::debug!(%error, "an event of the API's could not be delivered");
                    0
                });
                Some(response::client_count(&request_id, count))
            }
        };
        Ok(answer.map(|text| (self.channels.response().to_owned(), text)))
    }

    /// Delivers an event that every socket is to acknowledge; tells of how many sockets acks are awaited.
    fn deliver_with_ack(&self, request_id: &str, broadcast: &Broadcast) -> Result<u64, AdapterError> {
        let json = broadcast.event_json()?;
        let members = self.select(&broadcast.opts);
        let asker = Asker {
            request_id: request_id.to_owned(),
            channel: self.channels.response().to_owned(),
        };
        let wait = broadcast.opts.flags.timeout_ms.map(Duration::from_millis);
        // Before the event goes out: a client may be quicker than this thread.
        let number = self
            .hub
            .awaited_acks()
            .expect(asker, members.iter().map(|member| member.key), wait);
        let frame = match number {
            Some(number) => json.frame_with_id(&broadcast.namespace, number)?,
            None => json.frame(&broadcast.namespace)?,
        };
        let mut count = 0;
        for member in &members {
            let delivered = if broadcast.opts.flags.volatile {
                member.mailbox.deliver_volatile(member.key, frame.clone())
            } else {
                member.mailbox.deliver(member.key, frame.clone())
            };
            match number {
                Some(_) if delivered => count += 1,
                Some(number) => drop(self.hub.awaited_acks().take(number, member.key)),
                None => {}
            }
        }
        Ok(count)
    }

    fn fetch(&self, request_id: &str, opts: &Opts) -> Option<String> {
        let members = self.select(opts);
        let rooms: Vec<_> = members.iter().map(|member| self.hub.rooms_of(member.key)).collect();
        let sockets: Vec<_> = members
            .iter()
            .zip(&rooms)
            .map(|(member, rooms)| response::RemoteSocket {
                id: member.id.as_str(),
                handshake: response::Handshake {
                    issued: member.joined_at,
                    secure: false,
                    xdomain: false,
                    path: &self.path,
                },
                rooms: rooms.iter().map(|room| &**room).collect(),
                data: serde_json::json!({ "userId": member.user, "tenantId": member.realm.tenant() }),
            })
            .collect();
        response::fetched(request_id, &sockets)
            .inspect_err(|error| tracing::error!(%error, "sockets could not be told to the API"))
            .ok()
    }

    fn change_rooms(&self, opts: &Opts, rooms: &[String], change: fn(&Hub, super::SocketKey, &str)) {
        let members = self.select(opts);
        for room in rooms {
            if is_reserved(room) {
                if !self.warned_about_rooms.swap(true, Ordering::Relaxed) {
                    tracing::warn!(
                        room,
                        "the API tried to change a room of the gateway's; ignored, and not said again"
                    );
                }
                continue;
            }
            for member in &members {
                // A socket's own id is such a room too: it stays in it, and nobody else may join.
                if self.hub.member_by_id(self.namespace, room).is_none() {
                    change(&self.hub, member.key, room);
                }
            }
        }
    }

    fn select(&self, opts: &Opts) -> Vec<Arc<Member>> {
        let (rooms, except) = (views(&opts.rooms), views(&opts.except));
        let address = Address {
            namespace: self.namespace,
            rooms: &rooms,
            except: &except,
            scope: &Scope::Any,
            volatile: false,
        };
        self.hub.select(&address)
    }
}

/// Rooms whose members the gateway alone decides about, since they carry what only these people may see.
fn is_reserved(room: &str) -> bool {
    room == "manage" || room.starts_with("user:") || room.starts_with("tenant:")
}

fn views(rooms: &[String]) -> Vec<&str> {
    rooms.iter().map(String::as_str).collect()
}
