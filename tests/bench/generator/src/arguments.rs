//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;

use crate::target::Target;
use crate::wire::Wire;
use crate::workloads::Workload;

/// Load for one workload, told on standard output as JSON.
#[derive(Debug, Parser)]
pub(crate) struct Arguments {
    /// Address of a server; several are used in turn.
    #[arg(long, required = true)]
    pub(crate) server: Vec<SocketAddr>,
    /// What the servers speak.
    #[arg(long, value_enum, default_value = "socket-io")]
    pub(crate) wire: Wire,
    /// JSON file: an array of `{ id, tenantId, cookie }`.
    #[arg(long)]
    pub(crate) users: PathBuf,
    /// Loopback addresses to connect from: 127.0.0.1 and so on. Each has its own range of ports.
    #[arg(long, default_value_t = 16)]
    pub(crate) sources: u8,
    #[command(subcommand)]
    pub(crate) workload: Workload,
}

impl Arguments {
    pub(crate) fn target(&self) -> Target {
        Target {
            servers: self.server.clone(),
            wire: self.wire,
            sources: self.sources.max(1),
        }
    }
}
