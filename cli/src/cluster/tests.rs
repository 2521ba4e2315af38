//! With a real PostgreSQL: made, started, stopped, left behind.

use std::os::unix::fs::PermissionsExt;
use std::process::Output;

use super::*;

/// A `.millwright/` of its own, and the place for root's data.
struct Ground {
    folder: tempfile::TempDir,
}

impl Ground {
    /// Open to everyone, as a clone outside of somebody's home is.
    fn open() -> Self {
        Self::with_mode(0o755)
    }

    /// Open to its owner only, as a clone below `/root` is.
    fn closed() -> Self {
        Self::with_mode(0o700)
    }

    fn with_mode(mode: u32) -> Self {
        let ground = Self { folder: tempfile::tempdir().expect("a folder") };
        set_mode(ground.folder.path(), mode);
        std::fs::create_dir(ground.home()).expect("a folder");
        ground
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    async fn start(&self) -> Cluster {
        Cluster::start_in(&self.home(), &self.folder.path().join("elsewhere")).await.expect("PostgreSQL starts")
    }
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("permissions");
}

fn query(cluster: &Cluster, sql: &str) -> String {
    let mut psql = Command::new(cluster.files.binaries.program("psql"));
    let output: Output = psql.args(["-Atq", "-c", sql]).arg(cluster.url()).output().expect("psql runs");
    assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

#[tokio::test]
async fn the_data_outlives_the_process() {
    let ground = Ground::open();
    let first = ground.start().await;
    assert_eq!(query(&first, "SELECT current_database() || current_user"), "millwrightpostgres");
    assert_eq!(query(&first, "SHOW listen_addresses"), "");
    assert_eq!(query(&first, "SELECT lower('ӘЛЕМ')"), "әлем");
    query(&first, "CREATE TABLE kept (word text); INSERT INTO kept VALUES ('here')");
    first.stop().await.expect("PostgreSQL stops");
    let second = ground.start().await;
    assert_eq!(query(&second, "SELECT word FROM kept"), "here");
    second.stop().await.expect("PostgreSQL stops");
}

#[tokio::test]
async fn only_its_owner_reaches_the_socket() {
    let ground = Ground::open();
    let cluster = ground.start().await;
    let mode = std::fs::metadata(cluster.socket.path()).expect("the folder").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    cluster.stop().await.expect("PostgreSQL stops");
}

#[tokio::test]
async fn a_postgres_left_behind_is_ended_first() {
    let ground = Ground::open();
    let mut left = ground.start().await;
    query(&left, "CREATE TABLE kept (word text); INSERT INTO kept VALUES ('here')");
    // as after kill -9: nobody stops it, nobody waits for it
    left.running = false;
    let next = ground.start().await;
    left.child.wait().await.expect("the one left behind has ended");
    assert_eq!(query(&next, "SELECT word FROM kept"), "here");
    next.stop().await.expect("PostgreSQL stops");
}

#[tokio::test]
async fn a_lock_file_of_another_program_ends_nobody() {
    let ground = Ground::open();
    let first = ground.start().await;
    let lock = first.files.data().join("postmaster.pid");
    let text = std::fs::read_to_string(&lock).expect("the lock file");
    first.stop().await.expect("PostgreSQL stops");
    // after a power cut the number may be anybody's: here it is this test's
    let own = std::process::id().to_string();
    let rest = text.split_once('\n').expect("several lines").1;
    std::fs::write(&lock, format!("{own}\n{rest}")).expect("the lock file");
    let second = ground.start().await;
    assert_eq!(query(&second, "SELECT 1"), "1");
    second.stop().await.expect("PostgreSQL stops");
}

#[tokio::test]
async fn dropping_it_stops_postgres() {
    let ground = Ground::open();
    let cluster = ground.start().await;
    let lock = cluster.files.data().join("postmaster.pid");
    assert!(lock.exists());
    drop(cluster);
    assert!(!lock.exists());
}

#[tokio::test]
async fn an_end_by_itself_is_noticed_with_its_log() {
    let ground = Ground::open();
    let mut cluster = ground.start().await;
    let mut stop = cluster.files.stop_command();
    assert!(stop.status().expect("pg_ctl runs").success());
    let error = cluster.ended().await.to_string();
    assert!(error.contains("ended by itself") && error.contains("shut down"), "{error}");
}

#[tokio::test]
async fn what_keeps_it_from_starting_is_told() {
    let ground = Ground::open();
    let cluster = ground.start().await;
    let setting = cluster.files.data().join("postgresql.conf");
    cluster.stop().await.expect("PostgreSQL stops");
    std::fs::write(setting, "no_such_setting = 1\n").expect("the settings");
    let error = Cluster::start_in(&ground.home(), ground.folder.path()).await.err().expect("it cannot start");
    assert!(error.to_string().contains("no_such_setting"), "{error}");
}

/// Root only: somebody else's data lies below a home the system user cannot enter.
#[tokio::test]
async fn roots_data_lies_elsewhere_where_its_clone_is_closed() {
    let user = SystemUser::for_postgres().expect("the system's users");
    let ground = Ground::closed();
    let parent = tempfile::tempdir().expect("a folder");
    set_mode(parent.path(), 0o755);
    let elsewhere = parent.path().join("data");
    let cluster = Cluster::start_in(&ground.home(), &elsewhere).await.expect("PostgreSQL starts");
    assert_eq!(query(&cluster, "SELECT 1"), "1");
    cluster.stop().await.expect("PostgreSQL stops");
    let place = ground.home().join("postgres");
    assert_eq!(place.is_symlink(), user.is_some(), "only another user's data moves");
    if let Ok(target) = std::fs::read_link(place) {
        assert!(target.starts_with(&elsewhere));
        std::fs::remove_dir_all(target).expect("the data goes");
    }
}
