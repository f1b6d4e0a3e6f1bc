//! Every byte that crosses a process boundary of the realtime gateway.
//!
//! | module | boundary |
//! |---|---|
//! | [`engineio`] | gateway ↔ client: Engine.IO v4 packets and polling payloads |
//! | [`socketio`] | gateway ↔ client: Socket.IO v5 packets inside Engine.IO messages |
//! | [`events`] | gateway ↔ client: the typed events, shapes, ids and error codes inside Socket.IO events |
//! | [`bus`] | gateway ↔ gateway: envelopes on Redis pub/sub |
//! | [`adapter`] | Node API → gateway: the stock Redis emitter's and adapter's envelopes |
//!
//! All codecs are sans-I/O: bytes in, values out. None of them panics on any input; a limit that a decoder needs is
//! an argument, never a global.

pub mod adapter;
pub mod bus;
pub mod engineio;
pub mod events;
pub mod socketio;
