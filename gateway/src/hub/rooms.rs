//! Who is in which room on this instance.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use shared_protocol::bus::Scope;
use shared_protocol::events::{Namespace, Realm};
use shared_protocol::socketio::Frame;

use super::awaited_acks::AwaitedAcks;
use super::member::{Member, SocketKey};

type Room = HashMap<SocketKey, Arc<Member>>;
/// A socket and the rooms that it is in.
type Place = (Arc<Member>, HashSet<Arc<str>>);
type Shard = HashMap<(Namespace, Arc<str>), Room>;

/// Shards keep deliveries to different rooms from waiting for each other; a power of two near a busy machine's cores.
const SHARDS: usize = 32;

/// The sockets of this instance by room. Locks are held for the length of a delivery, never across an await.
#[derive(Debug)]
pub struct Hub {
    shards: Vec<Mutex<Shard>>,
    members: Mutex<HashMap<SocketKey, Place>>,
    hasher: RandomState,
    awaited_acks: AwaitedAcks,
}

/// The last fence between tenants: whether a socket that lives in `realm` may get a frame of that scope. Staff see every
/// tenant; a tenant's sockets see their own.
pub fn admits(scope: &Scope, realm: &Realm) -> bool {
    match (scope, realm) {
        (Scope::Any, _) | (_, Realm::Manage) => true,
        (Scope::Tenant(tenant), Realm::Tenant(home)) => *tenant == *home.as_str(),
        (Scope::Manage, Realm::Tenant(_)) => false,
    }
}

/// To whom a frame goes: the union of `rooms` (all of the namespace when empty) less `except`, each socket once.
#[derive(Clone, Debug)]
pub struct Address<'a> {
    /// Namespace of all rooms.
    pub namespace: Namespace,
    /// Rooms.
    pub rooms: &'a [&'a str],
    /// Rooms whose sockets are left out; a socket's public id is such a room.
    pub except: &'a [&'a str],
    /// Whose sockets may get it.
    pub scope: &'a Scope,
    /// Whether a socket that cannot keep up may miss it.
    pub volatile: bool,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            members: Mutex::default(),
            hasher: RandomState::new(),
            awaited_acks: AwaitedAcks::default(),
        }
    }
}

impl Hub {
    /// Takes a socket in; it is at once in the room of its own id.
    pub fn add(&self, member: &Arc<Member>) {
        self.members
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(member.key, (Arc::clone(member), HashSet::new()));
        self.join(member.key, member.id.as_str());
    }

    /// Puts a socket into a room. Nothing happens when it has left the hub meanwhile.
    pub fn join(&self, key: SocketKey, room: &str) {
        let mut members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((member, rooms)) = members.get_mut(&key) else {
            return;
        };
        let room: Arc<str> = Arc::from(room);
        if rooms.insert(Arc::clone(&room)) {
            // Still under the members' lock, so that a removal cannot overtake the join and leave a ghost behind.
            self.shard(member.namespace, &room)
                .entry((member.namespace, room))
                .or_default()
                .insert(key, Arc::clone(member));
        }
    }

    /// Takes a socket out of a room.
    pub fn leave(&self, key: SocketKey, room: &str) {
        let mut members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((member, rooms)) = members.get_mut(&key) else {
            return;
        };
        if rooms.remove(room) {
            self.evict(member.namespace, key, room);
        }
    }

    /// Takes a socket out of everything.
    pub fn remove(&self, key: SocketKey) {
        let mut members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((member, rooms)) = members.remove(&key) else {
            return;
        };
        for room in rooms {
            self.evict(member.namespace, key, &room);
        }
    }

    /// Hands a frame to everybody it is for; tells how many mailboxes took it.
    pub fn deliver(&self, address: &Address<'_>, frame: &Frame) -> usize {
        if let ([room], []) = (address.rooms, address.except) {
            // The road of every chat message: no set is built.
            let shard = self.shard(address.namespace, room);
            let Some(members) = shard.get(&(address.namespace, Arc::from(*room))) else {
                return 0;
            };
            return members
                .values()
                .filter(|member| Self::hand_over(member, address, frame))
                .count();
        }
        self.select(address)
            .iter()
            .filter(|member| Self::hand_over(member, address, frame))
            .count()
    }

    /// The sockets that an address means, each once.
    pub fn select(&self, address: &Address<'_>) -> Vec<Arc<Member>> {
        let mut left_out = HashSet::new();
        for room in address.except {
            if let Some(members) = self
                .shard(address.namespace, room)
                .get(&(address.namespace, Arc::from(*room)))
            {
                left_out.extend(members.keys().copied());
            }
        }
        if address.rooms.is_empty() {
            let members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
            return members
                .values()
                .filter(|(member, _)| member.namespace == address.namespace && !left_out.contains(&member.key))
                .map(|(member, _)| Arc::clone(member))
                .collect();
        }
        let mut selected = Vec::new();
        for room in address.rooms {
            if let Some(members) = self
                .shard(address.namespace, room)
                .get(&(address.namespace, Arc::from(*room)))
            {
                selected.extend(
                    members
                        .values()
                        .filter(|member| left_out.insert(member.key))
                        .map(Arc::clone),
                );
            }
        }
        selected
    }

    /// Whether anybody on this instance is in a room.
    pub fn has_room(&self, namespace: Namespace, room: &str) -> bool {
        self.shard(namespace, room).contains_key(&(namespace, Arc::from(room)))
    }

    /// The socket that a public id names; its own room has that name and nobody else in it.
    pub fn member_by_id(&self, namespace: Namespace, id: &str) -> Option<Arc<Member>> {
        let shard = self.shard(namespace, id);
        let members = shard.get(&(namespace, Arc::from(id)))?;
        members.values().find(|member| member.id.as_str() == id).map(Arc::clone)
    }

    /// The rooms of a socket.
    pub fn rooms_of(&self, key: SocketKey) -> Vec<Arc<str>> {
        let members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        members
            .get(&key)
            .map(|(_, rooms)| rooms.iter().map(Arc::clone).collect())
            .unwrap_or_default()
    }

    /// All rooms of a namespace on this instance.
    pub fn room_names(&self, namespace: Namespace) -> Vec<Arc<str>> {
        let mut names = Vec::new();
        for shard in &self.shards {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            names.extend(
                shard
                    .keys()
                    .filter(|(home, _)| *home == namespace)
                    .map(|(_, room)| Arc::clone(room)),
            );
        }
        names
    }

    /// Acks that the API waits for.
    pub fn awaited_acks(&self) -> &AwaitedAcks {
        &self.awaited_acks
    }

    /// Every socket of this instance.
    pub fn all(&self) -> Vec<Arc<Member>> {
        let members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        members.values().map(|(member, _)| Arc::clone(member)).collect()
    }

    fn hand_over(member: &Member, address: &Address<'_>, frame: &Frame) -> bool {
        if !admits(address.scope, &member.realm) {
            return false;
        }
        if address.volatile {
            member.mailbox.deliver_volatile(member.key, frame.clone())
        } else {
            member.mailbox.deliver(member.key, frame.clone())
        }
    }

    fn evict(&self, namespace: Namespace, key: SocketKey, room: &str) {
        let mut shard = self.shard(namespace, room);
        let name = (namespace, Arc::from(room));
        if let Some(members) = shard.get_mut(&name) {
            members.remove(&key);
            if members.is_empty() {
                shard.remove(&name);
            }
        }
    }

    fn shard(&self, namespace: Namespace, room: &str) -> std::sync::MutexGuard<'_, Shard> {
        let hash = self.hasher.hash_one((namespace, room));
        let index = usize::try_from(hash % SHARDS as u64).unwrap_or(0);
        self.shards[index].lock().unwrap_or_else(PoisonError::into_inner)
    }
}
