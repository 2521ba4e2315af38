//! Which PostgreSQL of this machine to run.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

/// The oldest version the migrations are written for.
const OLDEST: u32 = 15;

/// The programs of one installed PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    /// The folder they lie in.
    pub folder: PathBuf,
    /// The major version.
    pub major: u32,
}

impl Binaries {
    /// The newest installed one; where there is a cluster already, the one that made it, as no other can read it.
    pub fn find(made_by: Option<u32>) -> anyhow::Result<Self> {
        choose(folders().filter_map(installed).collect(), made_by)
    }

    /// One of the programs.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

fn choose(found: Vec<Binaries>, made_by: Option<u32>) -> anyhow::Result<Binaries> {
    match made_by {
        Some(major) => found
            .into_iter()
            .find(|binaries| binaries.major == major)
            .with_context(|| format!("the data here was made by PostgreSQL {major}, which is not installed any more; install it again")),
        // of several equals the last is the maximum, and the first found is the one with all of its programs
        None => match found.into_iter().rev().max_by_key(|binaries| binaries.major) {
            Some(newest) if newest.major >= OLDEST => Ok(newest),
            Some(newest) => bail!("PostgreSQL {OLDEST} or newer is needed; this machine has {}", newest.major),
            None => bail!("PostgreSQL {OLDEST} or newer is needed; install the package `postgresql`"),
        },
    }
}

/// Where PostgreSQL's server programs may lie. Debian keeps them out of PATH, one folder a version.
fn folders() -> impl Iterator<Item = PathBuf> {
    let configured = Command::new("pg_config").arg("--bindir").output().ok();
    let configured = configured.and_then(|output| String::from_utf8(output.stdout).ok()).map(|folder| PathBuf::from(folder.trim()));
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path: Vec<_> = std::env::split_paths(&path).collect();
    configured.into_iter().chain(debian.map(|entry| entry.path().join("bin"))).chain(path)
}

fn installed(folder: PathBuf) -> Option<Binaries> {
    let has = |name: &str| folder.join(name).is_file();
    if !(has("postgres") && has("initdb") && has("pg_ctl")) {
        return None;
    }
    let output = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
    let major = major(std::str::from_utf8(&output.stdout).ok()?)?;
    Some(Binaries { folder, major })
}

/// `15` of `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`, `18` of `… 18beta1`.
fn major(version: &str) -> Option<u32> {
    let number = version.split_once(") ")?.1;
    let digits = number.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(number.len());
    number[..digits].parse().ok()
}

/// The version that made a data folder, where there is one.
pub fn made_by(data: &Path) -> Option<u32> {
    std::fs::read_to_string(data.join("PG_VERSION")).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(major: u32) -> Binaries {
        Binaries { folder: format!("/pg/{major}").into(), major }
    }

    #[test]
    fn versions_are_read() {
        assert_eq!(major("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major("postgres (PostgreSQL) 17"), Some(17));
        assert_eq!(major("sh: not found"), None);
    }

    #[test]
    fn the_newest_begins_a_cluster_and_the_same_goes_on_with_it() {
        let found = || vec![of(14), of(17), of(15)];
        assert_eq!(choose(found(), None).expect("17 will do"), of(17));
        assert_eq!(choose(found(), Some(15)).expect("15 is there"), of(15));
        let gone = choose(found(), Some(16)).expect_err("16 is not there").to_string();
        assert!(gone.contains("made by PostgreSQL 16"), "{gone}");
    }

    #[test]
    fn too_old_and_none_are_told_apart() {
        let old = choose(vec![of(13)], None).expect_err("too old").to_string();
        assert!(old.contains("this machine has 13"), "{old}");
        let none = choose(Vec::new(), None).expect_err("none").to_string();
        assert!(none.contains("install the package"), "{none}");
    }
}
