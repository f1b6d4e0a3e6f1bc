//! The sockets of this instance: who is in which room, and a bounded mailbox to each connection.

mod api_pushes;
mod awaited_acks;
mod mailbox;
mod member;
mod rooms;

pub use api_pushes::ApiPushes;
pub use awaited_acks::{Asker, AwaitedAcks};
pub use mailbox::{Deliveries, Delivery, EndReason, Inbox, Mailbox, MailboxLimits, mailbox};
pub use member::{Member, SocketId, SocketKey};
pub use rooms::{Address, Hub, admits};
