use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child as Process, ChildStdin, Command};

use super::{Db, eventually};

/// A process of its own, one of `examples/`, which can be killed, stopped and starved.
pub struct Child {
    process: Process,
    input: ChildStdin,
    said: Arc<Mutex<Vec<String>>>,
}

/// Beside the tests: `target/…/deps/it-…` and `target/…/examples/doomed`.
fn program(name: &str) -> PathBuf {
    let tests = std::env::current_exe().expect("a path");
    let folder = tests.parent().and_then(|deps| deps.parent()).expect("a target folder").join("examples");
    let program = folder.join(name);
    assert!(program.is_file(), "{} is not built: run the package's tests without --test", program.display());
    program
}

impl Child {
    /// Starts one with leases of so many milliseconds that runs so many jobs at once.
    pub async fn start(db: &Db, lease: u64, concurrency: usize) -> Self {
        Self::limited(db, lease, concurrency, "unlimited").await
    }

    /// The same, with so many kilobytes of address space.
    pub async fn limited(db: &Db, lease: u64, concurrency: usize, memory: &str) -> Self {
        let (lease, concurrency) = (lease.to_string(), concurrency.to_string());
        let variables = [("DOOMED_DATABASE", db.world.url.as_str()), ("DOOMED_LEASE", &lease), ("DOOMED_CONCURRENCY", &concurrency)];
        Self::run_limited("doomed", &variables, memory).await
    }

    /// One with every handler of the program, whose files are in this folder.
    pub async fn filing(db: &Db, lease: u64, folder: &Path) -> Self {
        let (lease, folder) = (lease.to_string(), folder.display().to_string());
        let variables =
            [("DOOMED_DATABASE", db.world.url.as_str()), ("DOOMED_LEASE", &lease), ("DOOMED_CONCURRENCY", "4"), ("DOOMED_FILES", &folder)];
        Self::run_limited("doomed", &variables, "unlimited").await
    }

    /// Starts an example with these variables.
    pub async fn run(name: &str, variables: &[(&str, &str)]) -> Self {
        Self::run_limited(name, variables, "unlimited").await
    }

    async fn run_limited(name: &str, variables: &[(&str, &str)], memory: &str) -> Self {
        let mut process = Command::new("sh")
            .args(["-c", "ulimit -c 0; ulimit -v $0; exec \"$1\"", memory])
            .arg(program(name))
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("starts");
        let (input, output) = (process.stdin.take().expect("is piped"), process.stdout.take().expect("is piped"));
        let said = Arc::new(Mutex::new(Vec::new()));
        let heard = said.clone();
        tokio::spawn(async move {
            let mut lines = BufReader::new(output).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                heard.lock().expect("whole").push(line);
            }
        });
        let child = Self { process, input, said };
        child.says("started").await;
        child
    }

    /// Waits until it has said so.
    pub async fn says(&self, line: &str) {
        eventually(line, async || self.has_said(line).then_some(())).await;
    }

    pub fn has_said(&self, line: &str) -> bool {
        self.said.lock().expect("whole").iter().any(|said| said == line)
    }

    /// Lets the job that waits go on.
    pub async fn go_on(&mut self) {
        self.input.write_all(b"\n").await.expect("it listens");
    }

    /// SIGKILL.
    pub async fn kill(&mut self) {
        self.process.kill().await.expect("is killed");
    }

    /// Another signal, by its name.
    pub async fn signal(&self, name: &str) {
        let id = self.process.id().expect("it lives").to_string();
        let sent = Command::new("sh").args(["-c", "kill -$0 $1", name, &id]).status().await.expect("runs");
        assert!(sent.success());
    }

    /// Waits until it ends; whether well.
    pub async fn ends(&mut self) -> bool {
        self.process.wait().await.expect("ends").success()
    }
}
