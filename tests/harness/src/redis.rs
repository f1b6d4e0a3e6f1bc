//! A private redis-server.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;

use tempfile::TempDir;

/// What a restarted server finds of its earlier life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restart {
    /// All of it.
    Keep,
    /// Nothing.
    Empty,
}

/// A redis-server of one test: a free port, a directory of its own, gone when dropped.
#[derive(Debug)]
pub struct RedisServer {
    port: u16,
    directory: TempDir,
    child: Option<Child>,
}

impl RedisServer {
    /// Starts a server and waits until it takes connections.
    pub fn start() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        // A free port may be taken by somebody else before the server binds it: then another is tried.
        let (port, child) = (0..10)
            .find_map(|_| {
                let port = free_port();
                launch(port, directory.path()).map(|child| (port, child))
            })
            .expect("redis-server starts");
        Self {
            port,
            directory,
            child: Some(child),
        }
    }

    /// Where clients reach it.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// The server's port on the loopback address.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends the server the orderly way: it saves what it holds.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            signal(&child, "-CONT");
            signal(&child, "-TERM");
            child.wait().expect("redis-server ends");
        }
    }

    /// Starts a stopped server again on the same port; one that runs is stopped first.
    pub fn restart(&mut self, restart: Restart) {
        self.stop();
        if restart == Restart::Empty {
            // Absent when there was nothing to save.
            let _ = std::fs::remove_file(self.directory.path().join("dump.rdb"));
        }
        self.child = Some(launch(self.port, self.directory.path()).expect("redis-server starts again"));
    }

    /// Stops the server in its tracks: connections stay open and nobody answers.
    pub fn pause(&self) {
        self.child.iter().for_each(|child| signal(child, "-STOP"));
    }

    /// Lets a paused server go on.
    pub fn resume(&self) {
        self.child.iter().for_each(|child| signal(child, "-CONT"));
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // Kills a paused server, too. Nothing is left to do when it has ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([name, &child.id().to_string()]).status();
    assert!(status.expect("the kill command runs").success(), "kill {name}");
}

/// Starts a server; `None` when it ended before it took connections.
fn launch(port: u16, directory: &Path) -> Option<Child> {
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", "KILL", "redis-server", "--bind", "127.0.0.1", "--port"])
        .arg(port.to_string())
        .arg("--dir")
        .arg(directory)
        // With a save point it saves when it is stopped; this one is never reached before.
        .args(["--save", "86400 1000000000", "--appendonly", "no"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let (tell, told) = mpsc::channel();
    // The death signal comes when the *thread* that started the server ends: this one lives as long as the server, since it
    // reads what the server prints, and ends with the process at the latest.
    std::thread::spawn(move || {
        let mut child = command.spawn().expect("setpriv and redis-server are installed");
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut child = Some(child);
        for line in output.lines().map_while(Result::ok) {
            if line.contains("Ready to accept connections") {
                let _ = tell.send(child.take());
            }
        }
        if let Some(mut child) = child {
            let _ = child.wait();
            let _ = tell.send(None);
        }
    });
    told.recv().expect("the starting thread answers")
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;
    use std::time::Duration;

    use super::*;

    fn ask(server: &RedisServer, command: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", server.port())).ok()?;
        stream.set_read_timeout(Some(Duration::from_millis(300))).ok()?;
        stream.write_all(format!("{command}\r\n").as_bytes()).ok()?;
        let mut answer = [0; 64];
        let length = stream.read(&mut answer).ok()?;
        Some(String::from_utf8_lossy(&answer[..length]).into_owned())
    }

    #[test]
    fn server_lives_as_long_as_its_handle() {
        let mut server = RedisServer::start();
        assert_eq!(ask(&server, "SET a 1").as_deref(), Some("+OK\r\n"));

        server.pause();
        assert_eq!(ask(&server, "GET a"), None);
        server.resume();
        server.restart(Restart::Keep);
        assert_eq!(ask(&server, "GET a").as_deref(), Some("$1\r\n1\r\n"));

        server.restart(Restart::Empty);
        assert_eq!(ask(&server, "GET a").as_deref(), Some("$-1\r\n"));

        server.stop();
        assert_eq!(ask(&server, "GET a"), None);
        let port = server.port();
        drop(server);
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    }
}
