//! What Node processes with the stock adapter ask of, and order, everybody who serves a namespace (spec §3.2).

use rmpv::Value;

use super::{
    AdapterError, Broadcast, Channels, Opts,
    value::{field, flag, from_json_or_msgpack, text_field, texts_field},
};

/// A request.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Who asks. The emitter's orders have none.
    pub uid: Option<String>,
    /// What is wanted.
    pub kind: RequestKind,
}

/// What is wanted.
///
/// With a `request_id` the asking process counts on one answer from every subscriber, an empty one if need be, and
/// fails after some seconds without it.
#[derive(Debug, Clone, PartialEq)]
pub enum RequestKind {
    /// 0: the ids of the sockets in these rooms, of all if there is none. Of old adapters.
    Sockets {
        /// To be given back.
        request_id: String,
        /// Rooms.
        rooms: Vec<String>,
    },
    /// 1: the names of all rooms.
    AllRooms {
        /// To be given back.
        request_id: String,
    },
    /// 2: sockets join rooms.
    Join {
        /// To be given back; of old adapters only.
        request_id: Option<String>,
        /// Which sockets.
        opts: Opts,
        /// Which rooms.
        rooms: Vec<String>,
    },
    /// 3: sockets leave rooms.
    Leave {
        /// To be given back; of old adapters only.
        request_id: Option<String>,
        /// Which sockets.
        opts: Opts,
        /// Which rooms.
        rooms: Vec<String>,
    },
    /// 4: sockets are expelled.
    Disconnect {
        /// To be given back; of old adapters only.
        request_id: Option<String>,
        /// Which sockets.
        opts: Opts,
        /// Whether the link is closed too.
        close: bool,
    },
    /// 5: what is known of sockets.
    Fetch {
        /// To be given back.
        request_id: String,
        /// Which sockets.
        opts: Opts,
    },
    /// 6: an event for the servers themselves.
    ServerSideEmit {
        /// To be given back, if an answer is wanted.
        request_id: Option<String>,
        /// The event's name and arguments.
        data: Vec<Value>,
    },
    /// 7: an event whose acks are wanted: first the number of sockets, then each ack.
    Broadcast {
        /// To be given back.
        request_id: String,
        /// The event.
        broadcast: Broadcast,
    },
}

/// Reads a message of the request channel.
pub fn decode(channels: &Channels, payload: &[u8]) -> Result<Request, AdapterError> {
    let request = from_json_or_msgpack(payload)?;
    let uid = text_field(&request, "uid");
    let request_id = text_field(&request, "requestId");
    let required = |id: Option<String>| id.ok_or(AdapterError::BadField("requestId"));

    let kind = match field(&request, "type").and_then(Value::as_u64) {
        Some(0) => RequestKind::Sockets {
            request_id: required(request_id)?,
            rooms: texts_field(&request, "rooms")?,
        },
        Some(1) => RequestKind::AllRooms {
            request_id: required(request_id)?,
        },
        Some(2) => RequestKind::Join {
            request_id,
            opts: sockets(&request)?,
            rooms: rooms(&request)?,
        },
        Some(3) => RequestKind::Leave {
            request_id,
            opts: sockets(&request)?,
            rooms: rooms(&request)?,
        },
        Some(4) => RequestKind::Disconnect {
            request_id,
            opts: sockets(&request)?,
            close: flag(&request, "close"),
        },
        Some(5) => RequestKind::Fetch {
            request_id: required(request_id)?,
            opts: Opts::read(field(&request, "opts"))?,
        },
        Some(6) => {
            let data = field(&request, "data").and_then(Value::as_array);
            let data = data.ok_or(AdapterError::BadField("data"))?.clone();
            RequestKind::ServerSideEmit { request_id, data }
        }
        Some(7) => {
            let packet = field(&request, "packet")
                .ok_or(AdapterError::BadField("packet"))?
                .clone();
            let uid = uid.clone().unwrap_or_default();
            let broadcast = Broadcast::read(channels, uid, packet, field(&request, "opts"))?;
            RequestKind::Broadcast {
                request_id: required(request_id)?,
                broadcast,
            }
        }
        Some(_) => return Err(AdapterError::UnknownRequestType),
        None => return Err(AdapterError::BadField("type")),
    };
    Ok(Request { uid, kind })
}

/// The sockets of an order. Old adapters name one by `sid`, which is a room too. An order that names nobody at all is
/// refused rather than taken for one about everybody.
fn sockets(request: &Value) -> Result<Opts, AdapterError> {
    if let Some(opts) = field(request, "opts") {
        return Opts::read(Some(opts));
    }
    let sid = text_field(request, "sid").ok_or(AdapterError::BadField("opts"))?;
    Ok(Opts {
        rooms: vec![sid],
        ..Opts::default()
    })
}

/// The rooms of an order; old adapters name one by `room`.
fn rooms(request: &Value) -> Result<Vec<String>, AdapterError> {
    match text_field(request, "room") {
        Some(room) => Ok(vec![room]),
        None => texts_field(request, "rooms"),
    }
}
