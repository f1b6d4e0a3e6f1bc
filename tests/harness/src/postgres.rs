//! A private Postgres for one test: its own data directory and port, gone when dropped.
//!
//! `initdb` runs once a machine; its result is kept in the temporary directory and copied. As root the server runs as the user
//! `postgres`, since it refuses root.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

/// How long a server may take to be ready.
const START_TIMEOUT: Duration = Duration::from_mins(1);

/// See the module.
#[derive(Debug)]
pub struct Postgres {
    server: Option<Child>,
    port: u16,
    dir: TempDir,
    log: Arc<Mutex<Vec<String>>>,
}

impl Postgres {
    /// Starts an empty server and waits until it takes connections.
    pub fn start() -> Self {
        let dir = TempDir::with_prefix_in("realtime-pg-", scratch()).expect("a temporary directory");
        let data = dir.path().join("data");
        run(Command::new("cp")
            .args(["-a", "--reflink=auto"])
            .arg(template())
            .arg(&data));
        if is_root() {
            run(Command::new("chown").arg("postgres:").arg(dir.path()));
        }
        let mut postgres = Self {
            server: None,
            port: free_port(),
            dir,
            log: Arc::default(),
        };
        postgres.restart();
        postgres
    }

    /// Where it is, with a user that may do everything. The database is `postgres`.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Its port on the loopback address.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Runs SQL through `psql` and gives back what it prints: bare values, one row a line.
    pub fn sql(&self, sql: &str) -> String {
        let output = Command::new("psql")
            .args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-d", &self.url(), "-c", sql])
            .output()
            .expect("psql runs");
        assert!(
            output.status.success(),
            "{sql}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// What the server has written into its log until now, line by line. A statement's lines may come a moment after its answer.
    pub fn log(&self) -> Vec<String> {
        lines(&self.log).clone()
    }

    /// Stops the server at once and without a checkpoint: for its data this is a crash, but it gives its shared memory back.
    /// [`Self::restart`] brings it back on the same port.
    pub fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            signal("CONT", &family(server.id()));
            signal("QUIT", &[server.id()]);
            drop(server.wait());
        }
    }

    /// Starts the server (again) and waits until it takes connections.
    pub fn restart(&mut self) {
        self.stop();
        let data = self.dir.path().join("data");
        let mut command = as_postgres(&binary("postgres"));
        command
            .arg("-D")
            .arg(&data)
            .args(["-p", &self.port.to_string(), "-c", "listen_addresses=127.0.0.1"])
            .args([
                "-c",
                "unix_socket_directories=",
                "-c",
                "fsync=off",
                "-c",
                "shared_buffers=16MB",
            ])
            .args([
                "-c",
                "max_connections=100",
                "-c",
                "dynamic_shared_memory_type=mmap",
                "-c",
                "timezone=Europe/Paris",
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut server = spawn(command);
        let log = server.stderr.take().expect("its log");
        self.server = Some(server);
        let (ready, is_ready) = channel();
        let kept = Arc::clone(&self.log);
        // Reads to the end, or the server would block on a full pipe.
        thread::spawn(move || {
            let begin = lines(&kept).len();
            for line in BufReader::new(log).lines().map_while(Result::ok) {
                if line.contains("ready to accept connections") {
                    drop(ready.send(Ok(())));
                }
                lines(&kept).push(line);
            }
            drop(ready.send(Err(lines(&kept)[begin..].join("\n"))));
        });
        match is_ready.recv_timeout(START_TIMEOUT) {
            Ok(Ok(())) => {}
            Ok(Err(log)) => panic!("postgres did not start: {log}"),
            Err(error) => panic!("postgres did not start: {error}"),
        }
    }

    /// Makes the server hang, connections and all, until [`Self::resume`].
    pub fn pause(&self) {
        if let Some(server) = &self.server {
            // The postmaster first, so that no child is born in between.
            signal("STOP", &[server.id()]);
            signal("STOP", &family(server.id()));
        }
    }

    /// Lets a paused server go on.
    pub fn resume(&self) {
        if let Some(server) = &self.server {
            signal("CONT", &family(server.id()));
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop();
    }
}

fn lines(log: &Mutex<Vec<String>>) -> MutexGuard<'_, Vec<String>> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The server process and its children.
fn family(pid: u32) -> Vec<u32> {
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let children = children.split_whitespace().filter_map(|child| child.parse().ok());
    std::iter::once(pid).chain(children).collect()
}

fn signal(name: &str, pids: &[u32]) {
    // A child may have ended by itself meanwhile, so the outcome says nothing.
    drop(
        Command::new("kill")
            .arg(format!("-{name}"))
            .args(pids.iter().map(u32::to_string))
            .stderr(Stdio::null())
            .status(),
    );
}

/// An empty cluster, made once a machine: whoever is first renames theirs into place.
fn template() -> &'static Path {
    static TEMPLATE: OnceLock<PathBuf> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let owner = if is_root() { "postgres" } else { "self" };
        let place = std::env::temp_dir().join(format!("realtime-pg-template-{owner}"));
        if place.join("data/PG_VERSION").exists() {
            return place.join("data");
        }
        let dir = TempDir::with_prefix("realtime-pg-initdb-").expect("a temporary directory");
        if is_root() {
            run(Command::new("chown").arg("postgres:").arg(dir.path()));
        }
        run(as_postgres(&binary("initdb"))
            .args([
                "-U",
                "postgres",
                "--auth=trust",
                "--no-sync",
                "--wal-segsize=1",
                "-E",
                "UTF8",
                "--locale=C",
                "-D",
            ])
            .arg(dir.path().join("data"))
            .stdout(Stdio::null()));
        let made = dir.keep();
        if std::fs::rename(&made, &place).is_err() {
            drop(std::fs::remove_dir_all(made));
        }
        place.join("data")
    })
}

/// Where data directories go: into memory where there is plenty, since copying a thousand small files takes a second on disk.
fn scratch() -> &'static Path {
    static SCRATCH: OnceLock<PathBuf> = OnceLock::new();
    SCRATCH.get_or_init(|| {
        let memory = Path::new("/dev/shm");
        let free = Command::new("df").args(["--output=avail", "-BG"]).arg(memory).output();
        let free_gib = free.ok().and_then(|output| {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            text.lines().last()?.trim().trim_end_matches('G').parse::<u64>().ok()
        });
        if free_gib.is_some_and(|gib| gib >= 4) {
            memory.to_owned()
        } else {
            std::env::temp_dir()
        }
    })
}

/// A command that runs as the user `postgres` when we are root, and that dies with us.
fn as_postgres(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]);
    if is_root() {
        command.args(["--reuid", "postgres", "--regid", "postgres", "--clear-groups"]);
    }
    command.arg(program).current_dir("/");
    command
}

/// The newest server installed the Debian way, else what the path holds.
fn binary(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|version| version.file_name().to_str()?.parse::<u32>().ok())
        .max();
    newest.map_or_else(
        || PathBuf::from(name),
        |version| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin/{name}")),
    )
}

/// Spawns from a thread that never ends: "dies with the parent" means the thread that forked, and a test's own thread
/// may end before the process does.
fn spawn(command: Command) -> Child {
    type Order = (Command, Sender<std::io::Result<Child>>);
    static SPAWNER: OnceLock<Mutex<Sender<Order>>> = OnceLock::new();
    let spawner = SPAWNER.get_or_init(|| {
        let (orders, taken): (Sender<Order>, Receiver<Order>) = channel();
        thread::spawn(move || {
            for (mut command, answer) in taken {
                drop(answer.send(command.spawn()));
            }
        });
        Mutex::new(orders)
    });
    let (answer, child) = channel();
    spawner
        .lock()
        .expect("no panic while it is held")
        .send((command, answer))
        .expect("the spawner never ends");
    child.recv().expect("the spawner answers").expect("setpriv runs")
}

fn run(command: &mut Command) {
    let status = command.status().expect("the command runs");
    assert!(status.success(), "{command:?}: {status}");
}

fn is_root() -> bool {
    static ROOT: OnceLock<bool> = OnceLock::new();
    *ROOT.get_or_init(|| {
        let id = Command::new("id").arg("-u").output().expect("id runs");
        id.stdout.trim_ascii() == b"0"
    })
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}
