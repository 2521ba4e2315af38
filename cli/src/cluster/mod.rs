//! A private PostgreSQL: our own data folder, reached through a socket only we can open, a child of this process.
//!
//! Nobody else is served by it and nothing of it is configured by hand, so it needs no port and no password: the
//! socket's folder is closed to other users.

mod binaries;
mod place;

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::process::Child;

use binaries::Binaries;
use place::{SocketFolder, SystemUser};

/// Where the data lies if root's clone is closed to the user PostgreSQL runs as.
const ELSEWHERE: &str = "/var/lib/millwright";
const DATABASE: &str = "millwright";
const SUPERUSER: &str = "postgres";
/// How long starting may take: after a crash PostgreSQL first goes over its log.
const START_LIMIT: Duration = Duration::from_mins(5);
const START_POLL: Duration = Duration::from_millis(10);
/// Seconds PostgreSQL gets to close down before we say that it did not.
const STOP_LIMIT: &str = "60";

/// A running private cluster. Dropping it stops PostgreSQL too; [`Cluster::stop`] tells whether that went well.
pub struct Cluster {
    files: Files,
    socket: SocketFolder,
    child: Child,
    running: bool,
}

/// The files and programs of a cluster, running or not.
struct Files {
    folder: PathBuf,
    binaries: Binaries,
    user: Option<SystemUser>,
}

impl Cluster {
    /// Starts the cluster that belongs to this `.millwright/`, making it first where there is none. The caller holds
    /// the folder, so whatever still runs from it was left behind and is ended.
    ///
    /// # Errors
    /// When no PostgreSQL new enough is installed, when the data was made by another one, when it does not start:
    /// with the end of its log.
    pub async fn start(home: &Path) -> anyhow::Result<Self> {
        Self::start_in(home, Path::new(ELSEWHERE)).await
    }

    async fn start_in(home: &Path, elsewhere: &Path) -> anyhow::Result<Self> {
        let (home, elsewhere) = (home.to_owned(), elsewhere.to_owned());
        let prepared = tokio::task::spawn_blocking(move || -> anyhow::Result<_> {
            let user = SystemUser::for_postgres()?;
            let folder = place::settle(&home, &elsewhere, user)?;
            let binaries = Binaries::find(binaries::made_by(&folder.join("data")))?;
            let files = Files { folder, binaries, user };
            if !files.data().is_dir() {
                files.make()?;
            }
            files.end_left_behind()?;
            let socket = SocketFolder::make(&files.folder, user)?;
            Ok((files, socket))
        });
        let (files, socket) = prepared.await??;
        let child = files.spawn(socket.path())?;
        let mut cluster = Self { files, socket, child, running: true };
        cluster.wait_until_ready().await?;
        Ok(cluster)
    }

    /// The address of its database, as the superuser.
    pub fn url(&self) -> String {
        // the folder's path is plain (see `SocketFolder`), so nothing of it needs encoding
        format!("postgres://{SUPERUSER}@localhost/{DATABASE}?host={}", self.socket.path().display())
    }

    /// Waits until PostgreSQL ends by itself, which it should not.
    pub async fn ended(&mut self) -> anyhow::Error {
        let status = self.child.wait().await;
        self.running = false;
        let status = status.map_or_else(|error| error.to_string(), |status: ExitStatus| status.to_string());
        anyhow::anyhow!("PostgreSQL ended by itself ({status})\n{}", self.files.end_of_log())
    }

    /// Stops PostgreSQL: sessions are ended, everything is written.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        let mut command = self.files.stop_command();
        self.running = false;
        let status = tokio::task::spawn_blocking(move || command.status()).await??;
        if !status.success() {
            bail!("PostgreSQL did not stop\n{}", self.files.end_of_log());
        }
        self.child.wait().await?;
        Ok(())
    }

    /// PostgreSQL writes its state into the lock file, which is how its own tools learn of it.
    async fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        let pid = self.child.id().context("PostgreSQL ended at once")?;
        let deadline = tokio::time::Instant::now() + START_LIMIT;
        loop {
            if let Some(status) = self.child.try_wait()? {
                self.running = false;
                bail!("PostgreSQL does not start ({status})\n{}", self.files.end_of_log());
            }
            if self.files.lock().is_some_and(|lock| lock.pid == pid && lock.ready) {
                return Ok(());
            }
            if tokio::time::Instant::now() >= deadline {
                bail!("PostgreSQL is not ready after {} s\n{}", START_LIMIT.as_secs(), self.files.end_of_log());
            }
            tokio::time::sleep(START_POLL).await;
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.running {
            // the way out of an error or a panic; there is nobody left to tell
            let _ = self.files.stop_command().status();
        }
    }
}

/// What `postmaster.pid` tells.
struct Lock {
    pid: u32,
    ready: bool,
}

impl Files {
    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// One of PostgreSQL's programs, as the user it must run as.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.binaries.program(program));
        // a folder its user may not be in would be complained about
        command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        SystemUser::apply(self.user, &mut command);
        command
    }

    /// Makes the data folder with our database in it, under another name until it is whole.
    fn make(&self) -> anyhow::Result<()> {
        let draft = self.folder.join("draft");
        if draft.exists() {
            std::fs::remove_dir_all(&draft)?;
        }
        let mut initdb = self.command("initdb");
        initdb.arg("-D").arg(&draft).args(["-U", SUPERUSER, "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums"]);
        initdb.args(["--auth-local=trust", "--auth-host=reject"]);
        let output = initdb.stderr(Stdio::piped()).output()?;
        if !output.status.success() {
            bail!("PostgreSQL's initdb failed\n{}", String::from_utf8_lossy(&output.stderr).trim());
        }
        self.make_database(&draft)?;
        std::fs::rename(draft, self.data())?;
        Ok(())
    }

    /// In single-user mode, which needs no server and no client.
    fn make_database(&self, data: &Path) -> anyhow::Result<()> {
        let mut single = self.command("postgres");
        single.args(["--single", "-c", "exit_on_error=on", "-D"]).arg(data).arg("postgres");
        let mut child = single.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            writeln!(stdin, "CREATE DATABASE {DATABASE}")?;
        }
        let output = child.wait_with_output()?;
        if !output.status.success() {
            bail!("the database cannot be made\n{}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(())
    }

    /// Starts the server. In a process group of its own, as a terminal's Ctrl-C would otherwise stop it before
    /// those who still write to it.
    fn spawn(&self, socket: &Path) -> anyhow::Result<Child> {
        let log = File::create(self.log())?;
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.data()).arg("-k").arg(socket);
        for setting in ["listen_addresses=", "unix_socket_permissions=0700", "timezone=UTC", "log_timezone=UTC"] {
            command.args(["-c", setting]);
        }
        command.stdout(log.try_clone()?).stderr(log);
        let mut command = tokio::process::Command::from(command);
        command.process_group(0);
        command.spawn().context("PostgreSQL cannot be started")
    }

    fn stop_command(&self) -> Command {
        let mut command = self.command("pg_ctl");
        command.args(["stop", "-s", "-w", "-m", "fast", "-t", STOP_LIMIT, "-D"]).arg(self.data());
        command
    }

    /// A killed `up` leaves its PostgreSQL running: that one is stopped. A killed machine leaves only the lock file,
    /// whose process number may be another program's by now: that file is removed.
    fn end_left_behind(&self) -> anyhow::Result<()> {
        let Some(lock) = self.lock() else {
            return Ok(());
        };
        if !self.runs(lock.pid)? {
            std::fs::remove_file(self.data().join("postmaster.pid"))?;
            return Ok(());
        }
        if !self.stop_command().status()?.success() {
            bail!("a PostgreSQL left behind (process {}) does not stop\n{}", lock.pid, self.end_of_log());
        }
        Ok(())
    }

    /// Is this process a PostgreSQL of this folder? It works in its data folder.
    fn runs(&self, pid: u32) -> anyhow::Result<bool> {
        match std::fs::read_link(format!("/proc/{pid}/cwd")) {
            Ok(works_in) => Ok(works_in == self.data().canonicalize()?),
            Err(_) => Ok(false),
        }
    }

    fn lock(&self) -> Option<Lock> {
        let text = std::fs::read_to_string(self.data().join("postmaster.pid")).ok()?;
        let mut lines = text.lines();
        let pid = lines.next()?.trim().parse().ok()?;
        let ready = lines.nth(6).is_some_and(|state| state.trim() == "ready");
        Some(Lock { pid, ready })
    }

    /// The last lines PostgreSQL wrote: what went wrong stands there.
    fn end_of_log(&self) -> String {
        let text = std::fs::read(self.log()).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(5)..].join("\n")
    }
}
