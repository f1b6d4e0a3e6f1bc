//! Where the servers are.

use std::net::{Ipv4Addr, SocketAddr};

use crate::wire::Wire;

/// The servers, what they speak, and the source addresses.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) servers: Vec<SocketAddr>,
    pub(crate) wire: Wire,
    pub(crate) sources: u8,
}

impl Target {
    /// Where the link of that number goes: neighbours to different servers.
    pub(crate) fn server(&self, at: usize) -> SocketAddr {
        self.servers[at % self.servers.len()]
    }

    /// From where.
    pub(crate) fn source(&self, at: usize) -> SocketAddr {
        let host = u8::try_from(at % usize::from(self.sources)).unwrap_or(0);
        SocketAddr::from((Ipv4Addr::new(127, 0, 0, 1 + host), 0))
    }
}
