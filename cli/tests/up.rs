//! `millwright up`, as the person who starts it sees it: everything runs, everything stops, nothing is lost.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

/// The program in a folder, with no environment but what finds PostgreSQL.
fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_millwright"));
    command.current_dir(folder).env_clear().stdin(Stdio::null());
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}

fn errors(output: &Output) -> String {
    assert!(!output.status.success(), "it must fail");
    String::from_utf8(output.stderr.clone()).expect("text")
}

/// `millwright up`, stopped when the test ends however it ends.
struct Up {
    child: Child,
    stdout: BufReader<ChildStdout>,
    listen: SocketAddr,
}

impl Up {
    fn start(folder: &Path) -> Self {
        let listen = free_address();
        let mut command = program(folder);
        command.args(["up", "--listen", &listen.to_string()]).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the program starts");
        let stdout = BufReader::new(child.stdout.take().expect("its output"));
        let mut up = Self { child, stdout, listen };
        let mut line = String::new();
        up.stdout.read_line(&mut line).expect("a line");
        assert_eq!(line.trim(), format!("ready http://{listen}"));
        up
    }

    fn status_of(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.listen).expect("it listens");
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.listen);
        stream.write_all(request.as_bytes()).expect("a request");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        let answer = String::from_utf8_lossy(&answer);
        answer.lines().next().unwrap_or_default().to_owned()
    }

    fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status();
        assert!(status.expect("kill runs").success());
    }

    /// Asks it to end; the rest of what it said.
    fn stop(mut self) -> String {
        self.signal("TERM");
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).expect("its output");
        assert!(self.child.wait().expect("it ends").success());
        rest
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        // only where a test failed is anything left to end
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            self.signal("TERM");
            let _ = self.child.wait();
        }
    }
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address")
}

/// A folder that PostgreSQL's system user may walk through, as most clones are.
fn open_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).expect("permissions");
    folder
}

#[test]
fn up_runs_everything_and_stops_everything() {
    let folder = open_folder();
    let up = Up::start(folder.path());
    assert!(up.status_of("/healthz").contains(" 200 "));
    let secret = std::fs::read(folder.path().join(".millwright/secret")).expect("the secret");

    let second = program(folder.path()).args(["up"]).output().expect("the program runs");
    assert!(errors(&second).contains("already running"));

    let said = up.stop();
    assert!(said.contains("/dev/mail") && said.contains("demonstration accounts"), "{said}");
    assert!(!folder.path().join(".millwright/postgres/data/postmaster.pid").exists(), "PostgreSQL has ended");

    let again = Up::start(folder.path());
    assert!(again.status_of("/healthz").contains(" 200 "));
    again.stop();
    assert_eq!(std::fs::read(folder.path().join(".millwright/secret")).expect("the secret"), secret);
}

#[test]
fn up_recovers_from_being_killed() {
    let folder = open_folder();
    let mut up = Up::start(folder.path());
    up.signal("KILL");
    up.child.wait().expect("it is gone");
    let again = Up::start(folder.path());
    assert!(again.status_of("/healthz").contains(" 200 "));
    again.stop();
}
