//! Cookie → session → principal, and the recheck of live sessions.
//!
//! At the handshake: [`Identifier::cookie`] finds the cookie, [`Identifier::identify`] names the session. At CONNECT:
//! [`LiveSessions::index`] first, then [`Sessions::find`], then [`Session::principal_for`] the namespace, then
//! [`Seat::bind`]. The seat lives as long as the socket; from then on [`LiveSessions::run`] watches.
//!
//! Session keys are read, never written, touched or extended: they are the API's.

mod cookie;
mod error;
mod format;
mod identify;
mod live;
mod metrics;
mod pointer;
mod principal;
mod session;
mod session_id;
mod sessions;
#[cfg(test)]
mod tests;
mod token;

pub use error::{AuthError, BadCredential, SessionFault, Unavailable};
pub use identify::{Identifier, Identity};
pub use live::{KeyspaceEvents, LiveSessions, Moved, News, Renamed, Seat, keyspace_events};
pub use metrics::SessionMetrics;
pub use principal::Principal;
pub use session::{Bearer, Session};
pub use session_id::SessionId;
pub use sessions::{Reading, SessionReads, Sessions};
