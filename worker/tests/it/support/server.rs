use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A PostgreSQL server of one test's own, which it may stop. Gone with the test.
pub struct OwnServer {
    folder: PathBuf,
    programs: PathBuf,
    port: u16,
}

/// Where the server's programs are: what `pg_config` says, or the newest of Debian's.
fn programs() -> PathBuf {
    let configured = Command::new("pg_config").arg("--bindir").output().ok().and_then(|said| String::from_utf8(said.stdout).ok());
    let mut found: Vec<PathBuf> = configured.map(|folder| PathBuf::from(folder.trim())).into_iter().collect();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    let mut versions: Vec<PathBuf> = versions.collect();
    versions.sort();
    found.extend(versions.into_iter().rev());
    found.into_iter().find(|folder| folder.join("initdb").is_file()).expect("PostgreSQL's server programs are installed")
}

impl OwnServer {
    pub async fn start() -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound").port();
        let folder = std::env::temp_dir().join(format!("millwright-test-{}-{free}", std::process::id()));
        std::fs::create_dir(&folder).expect("a folder");
        let server = Self { folder, programs: programs(), port: free };
        server.hand_over();
        let data = server.data();
        server.run("initdb", &["-D", &data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]).await;
        server.control("start").await;
        server
    }

    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Starts, stops or restarts it, without waiting for anybody's connection to end.
    pub async fn control(&self, what: &str) {
        let options = format!("-k '{}' -p {} -c listen_addresses=127.0.0.1 -c fsync=off", self.folder.display(), self.port);
        let (data, log) = (self.data(), self.folder.join("log").display().to_string());
        let mut arguments = vec![what, "-s", "-w", "-D", &data];
        match what {
            "stop" => arguments.extend(["-m", "immediate"]),
            _ => arguments.extend(["-l", &log, "-o", &options]),
        }
        self.run("pg_ctl", &arguments).await;
    }

    fn data(&self) -> String {
        self.folder.join("data").display().to_string()
    }

    /// The server refuses to run as root, which hands over to its user.
    fn hand_over(&self) {
        if is_root() {
            let given = Command::new("chown").arg("postgres:").arg(&self.folder).status().expect("runs");
            assert!(given.success());
        }
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let path = self.programs.join(program);
        let mut command = if is_root() { Command::new("setpriv") } else { Command::new(&path) };
        if is_root() {
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(&path);
        }
        command.args(arguments).current_dir(Path::new("/"));
        command
    }

    async fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = self.command(program, arguments);
        // a server that starts keeps what it was given: nothing of ours
        command.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        let status = tokio::task::spawn_blocking(move || command.status()).await.expect("no panic").expect("runs");
        let log = || std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        assert!(status.success(), "{program} {arguments:?}: {}", log());
    }
}

fn is_root() -> bool {
    let said: Option<Output> = Command::new("id").arg("-u").output().ok();
    said.is_some_and(|said| said.stdout.starts_with(b"0"))
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        let data = self.data();
        let _ = self.command("pg_ctl", &["stop", "-s", "-w", "-m", "immediate", "-D", &data]).status();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
