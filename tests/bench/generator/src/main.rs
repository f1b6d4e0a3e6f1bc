//! The load of the benchmark: one process, one thread, thousands of raw WebSockets.
//!
//! One run is one workload against servers that run already. What happens is told on standard output, a JSON object a line: `begin`
//! and `end` of the measured time, so that whoever started it can look at the servers' CPU and memory there, and the `result`.
//!
//! | file | what it holds |
//! |---|---|
//! | `users` | who is logged in, and the numbers in their ids |
//! | `target` | where the servers are, and from which addresses they are reached |
//! | `wire/` | what is said and heard: Socket.IO, or the bare JSON of the floor |
//! | `link` | one joined WebSocket |
//! | `crowd` | many of them, and what they are told of each other |
//! | `views` | what each member of a crowd believes about the others |
//! | `pacer` | when things are due, in an open loop |
//! | `ledger/` | what became of every message |
//! | `latencies` | histograms |
//! | `workloads/` | what is measured |
//! | `report` | the lines on standard output |

mod arguments;
mod crowd;
mod latencies;
mod ledger;
mod link;
mod pacer;
mod report;
mod target;
mod users;
mod views;
mod wire;
mod workloads;

use std::process::ExitCode;

use clap::Parser as _;

use arguments::Arguments;

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::failure(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    // One thread: state is shared without locks, and the pinned core is not fought for.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let users = users::read(&arguments.users)?;
    let target = arguments.target();
    let tasks = tokio::task::LocalSet::new();
    tasks.block_on(&runtime, workloads::run(&arguments.workload, &target, &users))?;
    Ok(())
}
